#pragma once

#include <vector>

#include "tern/core/tensor.h"

namespace tern::kernels {

/// sums[index] = the sum of x^2 over all elements, in double. x: f32 of any shape. sums: i64 (N,), the bits
/// of doubles, on the device of x. The order of the additions, and so the result, depends on the size alone.
void sum_of_squares(const Tensor& x, Tensor& sums, std::int64_t index);

/// What `sums` holds. On a GPU the host waits for it.
std::vector<double> read_sums(const Tensor& sums);

namespace cpu {
void sum_of_squares(const Tensor& x, Tensor& sums, std::int64_t index);
}  // namespace cpu

namespace cuda {
void sum_of_squares(const Tensor& x, Tensor& sums, std::int64_t index);
}  // namespace cuda

}  // namespace tern::kernels
