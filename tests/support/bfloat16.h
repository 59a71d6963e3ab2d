// Tensors from f32 to bf16 and back, on the CPU, for expectations.
#pragma once

#include <algorithm>

#include "tern/core/bfloat16.h"
#include "tern/core/tensor.h"

namespace tern::test {

/// A bf16 copy of an f32 tensor, each element rounded.
inline Tensor rounded(const Tensor& tensor) {
  const std::vector<float> from = tensor.to_vector<float>();
  std::vector<bfloat16> to(from.size());
  std::transform(from.begin(), from.end(), to.begin(), rounded_to<bfloat16>);
  return Tensor::from(tensor.shape(), to);
}

/// An f32 copy of a bf16 tensor.
inline Tensor widened(const Tensor& tensor) {
  const std::vector<bfloat16> from = tensor.to_vector<bfloat16>();
  std::vector<float> to(from.size());
  std::transform(from.begin(), from.end(), to.begin(), to_float<bfloat16>);
  return Tensor::from(tensor.shape(), to);
}

}  // namespace tern::test
