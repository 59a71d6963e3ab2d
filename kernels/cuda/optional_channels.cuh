#pragma once

#include "tern/core/tensor.h"
#include "tern/kernels/cuda/vector.cuh"

namespace tern::kernels::cuda {

/// Values (C) in device memory, or `neutral` for every channel if the tensor is undefined.
struct OptionalChannels {
  OptionalChannels(const Tensor& tensor, float otherwise)
      : values(tensor.defined() ? tensor.data<float>() : nullptr), neutral(otherwise) {}

  template <int Width>
  __device__ Vector<float, Width> load(std::int64_t channel) const {
    return load_or<Width>(values, channel, neutral);
  }

  const float* values;
  float neutral;
};

}  // namespace tern::kernels::cuda
