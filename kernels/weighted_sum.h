// Sums with weights: mixed losses, temperatures of logits, moving averages.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// a * x + b * y, or a * x if y is undefined. f32, same shape, any rank. Products and sum are rounded
/// separately.
Tensor weighted_sum(float a, const Tensor& x, float b = 0, const Tensor& y = {});

/// average = decay * average + (1 - decay) * x in place; decay in [0, 1]. f32, same shape, any rank.
void update_average(Tensor& average, const Tensor& x, float decay);

namespace cpu {
/// y may be undefined; out may be x.
void weighted_sum(float a, const Tensor& x, float b, const Tensor& y, Tensor& out);
}  // namespace cpu

namespace cuda {
void weighted_sum(float a, const Tensor& x, float b, const Tensor& y, Tensor& out);
}  // namespace cuda

}  // namespace tern::kernels
