#include "kernels/binary_branch_weights.h"

#include <cmath>

#include "core/parallel.h"

namespace tern::kernels::cpu {
namespace {

float sign(float w) {
  return w >= 0 ? 1.0F : -1.0F;
}

// Keeps a NaN, so that it reaches alpha.
float clamp(float w) {
  return w < -1 ? -1.0F : (w > 1 ? 1.0F : w);
}

// One filter of n weights.
struct Filter {
  const float* w1;
  const float* w2;
  std::int64_t n;
};

void official_rule(const Filter& f, const float* dt, float scale, float* dw1, float* dw2) {
  const float to_g = scale == 0 ? 0.0F : 1 / scale;
  double sum1 = 0, sum2 = 0;
  for (std::int64_t i = 0; i < f.n; ++i) {
    const float g = dt[i] * to_g;
    sum1 += sign(f.w1[i]) * g;
    sum2 += sign(f.w2[i]) * g;
  }
  const auto mean1 = static_cast<float>(sum1 / static_cast<double>(f.n));
  const auto mean2 = static_cast<float>(sum2 / static_cast<double>(f.n));
  for (std::int64_t i = 0; i < f.n; ++i) {
    const float g = dt[i] * to_g;
    dw1[i] = g + sign(f.w1[i]) * mean1;
    dw2[i] = g + sign(f.w2[i]) * mean2;
  }
}

void exact_rule(const Filter& f, const float* dt, float scale, float* dw1, float* dw2) {
  const float to_g = scale == 0 ? 0.0F : 1 / scale;
  const float alpha = scale / 2;
  double sum = 0;
  for (std::int64_t i = 0; i < f.n; ++i) sum += (sign(f.w1[i]) + sign(f.w2[i])) * (dt[i] * to_g);
  const auto dalpha_share = static_cast<float>(sum / static_cast<double>(2 * f.n));
  for (std::int64_t i = 0; i < f.n; ++i) {
    const float through = alpha * (dt[i] * to_g);
    dw1[i] = (std::abs(f.w1[i]) <= 1 ? through : 0.0F) + sign(f.w1[i]) * dalpha_share;
    dw2[i] = (std::abs(f.w2[i]) <= 1 ? through : 0.0F) + sign(f.w2[i]) * dalpha_share;
  }
}

}  // namespace

void binary_branch_weights(Tensor& w1, Tensor& w2, Tensor& ternary, Tensor& scale) {
  float* p1 = w1.data<float>();
  float* p2 = w2.data<float>();
  std::int8_t* t = ternary.data<std::int8_t>();
  float* s = scale.data<float>();
  const std::int64_t filters = w1.dim(0);
  const std::int64_t n = filters == 0 ? 0 : w1.numel() / filters;
  parallel_for(0, filters, 1 + 4096 / (n + 1), [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t o = first; o < last; ++o) {
      double sum = 0;
      for (std::int64_t i = o * n; i < (o + 1) * n; ++i) {
        p1[i] = clamp(p1[i]);
        p2[i] = clamp(p2[i]);
        sum += std::abs(p1[i]) + std::abs(p2[i]);
        t[i] = static_cast<std::int8_t>((sign(p1[i]) + sign(p2[i])) / 2);
      }
      const auto alpha = static_cast<float>(sum / static_cast<double>(2 * n));
      s[o] = 2 * alpha;
    }
  });
}

void binary_branch_weights_backward(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                                    WeightGradientRule rule, Tensor& dw1, Tensor& dw2) {
  const auto apply = rule == WeightGradientRule::official ? official_rule : exact_rule;
  const float* pdt = dt.data<float>();
  const float* p1 = w1.data<float>();
  const float* p2 = w2.data<float>();
  const float* s = scale.data<float>();
  float* g1 = dw1.data<float>();
  float* g2 = dw2.data<float>();
  const std::int64_t filters = dt.dim(0);
  const std::int64_t n = filters == 0 ? 0 : dt.numel() / filters;
  parallel_for(0, filters, 1 + 4096 / (n + 1), [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t o = first; o < last; ++o) {
      const std::int64_t at = o * n;
      apply({p1 + at, p2 + at, n}, pdt + at, s[o], g1 + at, g2 + at);
    }
  });
}

}  // namespace tern::kernels::cpu
