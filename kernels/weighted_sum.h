// Sums with weights: mixed losses, temperatures of logits, moving averages.
#pragma once

#include <vector>

#include "tern/core/tensor.h"

namespace tern::kernels {

/// a * x + b * y, or a * x if y is undefined. f32, same shape, any rank. Products and sum are rounded
/// separately.
Tensor weighted_sum(float a, const Tensor& x, float b = 0, const Tensor& y = {});

/// f32, same shape, any rank.
struct MovingAverage {
  Tensor average;
  Tensor x;
};

/// For each, average = decay * average + (1 - decay) * x in place; decay in [0, 1]. All are on one device; a
/// GPU updates many of them in one launch.
void update_averages(std::vector<MovingAverage>& averages, float decay);

namespace cpu {
/// y may be undefined; out may be x.
void weighted_sum(float a, const Tensor& x, float b, const Tensor& y, Tensor& out);
void update_averages(std::vector<MovingAverage>& averages, float decay);
}  // namespace cpu

namespace cuda {
void weighted_sum(float a, const Tensor& x, float b, const Tensor& y, Tensor& out);
void update_averages(std::vector<MovingAverage>& averages, float decay);
}  // namespace cuda

}  // namespace tern::kernels
