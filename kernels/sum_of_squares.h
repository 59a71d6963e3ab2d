#pragma once

#include "core/tensor.h"

namespace tern::kernels {

/// The sum of x^2 over all elements, in double. x is f32 of any shape. The order of the additions, and so the
/// result, depends on the size alone.
double sum_of_squares(const Tensor& x);

namespace cpu {
double sum_of_squares(const Tensor& x);
}  // namespace cpu

}  // namespace tern::kernels
