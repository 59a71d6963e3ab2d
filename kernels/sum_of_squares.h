#pragma once

#include <vector>

#include "tern/core/tensor.h"

namespace tern::kernels {

/// For each tensor the sum of x^2 over all elements, in double. The tensors are f32 of any shape, all on one
/// device. The order of the additions, and so the result, depends on the size alone.
std::vector<double> sum_of_squares(const std::vector<Tensor>& tensors);

namespace cpu {
std::vector<double> sum_of_squares(const std::vector<Tensor>& tensors);
}  // namespace cpu

namespace cuda {
std::vector<double> sum_of_squares(const std::vector<Tensor>& tensors);
}  // namespace cuda

}  // namespace tern::kernels
