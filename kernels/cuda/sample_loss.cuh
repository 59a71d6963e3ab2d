// Losses over a batch of logits (N, K).
#pragma once

#include <cmath>

#include "tern/core/tensor.h"
#include "tern/kernels/cuda/for_each_sample.cuh"
#include "tern/kernels/cuda/reduce_channels.cuh"

namespace tern::kernels::cuda {

/// log(sum_k exp(x_k)) without overflow, by a whole warp, in every lane; NaN if an element is NaN or +inf.
__device__ inline double warp_log_sum_exp(const float* x, std::int64_t size) {
  float largest = -INFINITY;
  for (std::int64_t k = lane_index(); k < size; k += kWarpSize) largest = x[k] > largest ? x[k] : largest;
  largest = warp_max(largest);
  double sum = 0;
  for (std::int64_t k = lane_index(); k < size; k += kWarpSize) sum += std::exp(x[k] - largest);
  return largest + std::log(warp_sum(sum));
}

/// mean = sum of f(sample), which each lane of a warp returns, divided by weight_sum, the sum of
/// weight(sample); both functions are marked __device__, and sums are of doubles. mean is a f32 scalar, and
/// so is weight_sum, which may be undefined.
template <class F, class Weight>
void mean_loss(std::int64_t samples, F f, Weight weight, Tensor& mean, Tensor& weight_sum) {
  Tensor scratch = Tensor::empty({samples}, DType::i64, mean.device());  // of doubles, which are as large
  double* losses = static_cast<double*>(scratch.raw());
  for_each_sample(samples, [=] __device__(std::int64_t n) {
    const double loss = f(n);
    if (lane_index() == 0) losses[n] = loss;
  });
  float* result = mean.data<float>();
  float* weights = weight_sum.defined() ? weight_sum.data<float>() : nullptr;
  reduce_channels<2, double>(samples, 1, mean.device(),
                             each_element([=] __device__(std::int64_t n, std::int64_t, double(&lanes)[2]) {
                               lanes[0] += losses[n];
                               lanes[1] += weight(n);
                             }),
                             [=] __device__(std::int64_t, const double(&totals)[2]) {
                               *result = static_cast<float>(totals[0] / totals[1]);
                               if (weights != nullptr) *weights = static_cast<float>(totals[1]);
                             });
}

/// The same with all weights 1.
template <class F>
void mean_loss(std::int64_t samples, F f, Tensor& mean) {
  Tensor no_sum;
  mean_loss(
      samples, f, [] __device__(std::int64_t) { return 1.0; }, mean, no_sum);
}

}  // namespace tern::kernels::cuda
