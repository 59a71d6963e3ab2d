#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels::cuda {

/// Values (C) in device memory, or `neutral` for every channel if the tensor is undefined.
struct OptionalChannels {
  OptionalChannels(const Tensor& tensor, float otherwise)
      : values(tensor.defined() ? tensor.data<float>() : nullptr), neutral(otherwise) {}

  __device__ float operator[](std::int64_t channel) const {
    return values == nullptr ? neutral : values[channel];
  }

  const float* values;
  float neutral;
};

}  // namespace tern::kernels::cuda
