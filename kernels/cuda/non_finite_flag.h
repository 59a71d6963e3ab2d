// How a kernel tells the host that it met a NaN or an infinity.
#pragma once

#include "core/tensor.h"

namespace tern::kernels::cuda {

/// A word in device memory, 0 until a kernel sets it. Reading it waits for the kernels before.
class NonFiniteFlag {
 public:
  explicit NonFiniteFlag(Device device) : word_(Tensor::zeros({1}, DType::i32, device)) {}

  std::int32_t* word() { return word_.data<std::int32_t>(); }
  bool finite() const { return word_.to_vector<std::int32_t>()[0] == 0; }

 private:
  Tensor word_;
};

}  // namespace tern::kernels::cuda
