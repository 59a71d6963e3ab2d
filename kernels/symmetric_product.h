// Products of matrices of which it is known that they are symmetric: a CPU computes half of each, and its
// results are symmetric to the bit. In the mode of kernels/precision.h, all f32.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// x x^t (N, N). x (N, K).
Tensor gram_matrix(const Tensor& x);

/// a b (N, N). a and b (N, N) are symmetric and commute, as polynomials of one symmetric matrix do; roundings
/// may leave them so nearly.
Tensor symmetric_product(const Tensor& a, const Tensor& b);

namespace cpu {
void gram_matrix(const Tensor& x, Tensor& c);
void symmetric_product(const Tensor& a, const Tensor& b, Tensor& c);
}  // namespace cpu

}  // namespace tern::kernels
