// The scalar formulas of binary branches, one text for all devices (kernels/binary_branch_weights.h
// has them in symbols).
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "tern/core/host_device.h"
#include "tern/core/tensor.h"
#include "tern/kernels/binary_branch_weights.h"

namespace tern::kernels {

TERN_HOST_DEVICE inline float binary_sign(float w) {
  return w >= 0 ? 1.0F : -1.0F;
}

/// Keeps a NaN, so that it reaches alpha.
TERN_HOST_DEVICE inline float clamp_latent(float w) {
  return w < -1 ? -1.0F : (w > 1 ? 1.0F : w);
}

/// (sign(w1) + sign(w2)) / 2
TERN_HOST_DEVICE inline std::int8_t ternary_weight(float w1, float w2) {
  return static_cast<std::int8_t>(static_cast<int>(w1 >= 0) - static_cast<int>(!(w2 >= 0)));
}

/// 2 * alpha of a filter of n weights, from the sum of |w1| + |w2|.
TERN_HOST_DEVICE inline float scale_of_filter(double sum, std::int64_t n) {
  const auto alpha = static_cast<float>(sum / static_cast<double>(2 * n));
  return 2 * alpha;
}

/// What turns dt = 2 * alpha * G into G; zero where alpha is, because G cannot be told from dt then.
TERN_HOST_DEVICE inline float inverse_scale(float scale) {
  return scale == 0 ? 0.0F : 1 / scale;
}

/// The latent weights of a pair with dt and scale = 2 * alpha: `filters` of n weights each. `Weight` is float
/// where they are updated, else const.
template <class Weight>
struct LatentWeights {
  const float* dt;
  Weight *w1, *w2;
  const float* scale;
  std::int64_t filters, n;
};

/// The same of tensors; dt has the shape of the weights.
template <class Weight, class WeightTensor>
LatentWeights<Weight> latent_weights(const Tensor& dt, WeightTensor& w1, WeightTensor& w2,
                                     const Tensor& scale) {
  const std::int64_t filters = dt.dim(0), n = filters == 0 ? 0 : dt.numel() / filters;
  return {dt.data<float>(),
          w1.template data<float>(),
          w2.template data<float>(),
          scale.data<float>(),
          filters,
          n};
}

/// The gradient of one latent weight of a branch. `share` is what the filter's sum gives to each; to_window =
/// 1 / (2 alpha).
template <WeightGradientRule rule>
TERN_HOST_DEVICE inline float latent_gradient(float g, float w, float share, float alpha, float to_window) {
  if constexpr (rule == WeightGradientRule::official) return g + binary_sign(w) * share;
  if constexpr (rule == WeightGradientRule::polynomial) {
    return g * fmaxf(0.0F, 1 - fabsf(w) * to_window) + binary_sign(w) * share;
  }
  const float through = alpha * g;
  return (fabsf(w) <= 1 ? through : 0.0F) + binary_sign(w) * share;
}

/// The gradient of the latent weights of one filter of a pair, once its sums of sign(w_b) * G are known.
template <WeightGradientRule rule>
class LatentGradient {
 public:
  TERN_HOST_DEVICE LatentGradient(float scale, double sum1, double sum2, std::int64_t n)
      : alpha_(scale / 2), to_window_(inverse_scale(scale)) {
    const double count = static_cast<double>(n);
    if constexpr (rule == WeightGradientRule::official) {
      share1_ = static_cast<float>(sum1 / count);
      share2_ = static_cast<float>(sum2 / count);
    } else {
      share1_ = share2_ = static_cast<float>((sum1 + sum2) / (2 * count));
    }
  }

  TERN_HOST_DEVICE float of_first(float g, float w1) const { return gradient(g, w1, share1_); }
  TERN_HOST_DEVICE float of_second(float g, float w2) const { return gradient(g, w2, share2_); }

 private:
  TERN_HOST_DEVICE float gradient(float g, float w, float share) const {
    return latent_gradient<rule>(g, w, share, alpha_, to_window_);
  }

  float alpha_, to_window_, share1_, share2_;
};

/// A pair with room for the gradients of its latent weights.
struct GradientPair : LatentWeights<const float> {
  float *dw1, *dw2;
};

/// Keeps the gradients of the latent weights number i.
struct StoreGradients {
  TERN_HOST_DEVICE void operator()(const GradientPair& pair, std::int64_t i, float of_w1, float of_w2) const {
    pair.dw1[i] = of_w1;
    pair.dw2[i] = of_w2;
  }
};

/// Keeps that of w1 (branch 0) or w2 (branch 1).
template <int branch>
struct StoreGradient {
  TERN_HOST_DEVICE void operator()(const GradientPair& pair, std::int64_t i, float of_w1, float of_w2) const {
    if constexpr (branch == 0) {
      pair.dw1[i] = of_w1;
    } else {
      pair.dw2[i] = of_w2;
    }
  }
};

/// body(std::integral_constant<WeightGradientRule, rule>())
template <class Body>
void visit_rule(WeightGradientRule rule, const Body& body) {
  switch (rule) {
    case WeightGradientRule::official:
      return body(std::integral_constant<WeightGradientRule, WeightGradientRule::official>());
    case WeightGradientRule::exact:
      return body(std::integral_constant<WeightGradientRule, WeightGradientRule::exact>());
    case WeightGradientRule::polynomial:
      return body(std::integral_constant<WeightGradientRule, WeightGradientRule::polynomial>());
  }
}

namespace cpu {
/// body(pair, i, dw1, dw2) for each of `pairs`, which are LatentWeights and what the body needs beside them,
/// with the gradients of its latent weights number i; it may overwrite these weights. Defined in
/// cpu/latent_gradient.h, which has to be included where a new body is compiled.
template <class Pair, class Body>
void for_each_latent_gradient(WeightGradientRule rule, const std::vector<Pair>& pairs, const Body& body);
}  // namespace cpu

namespace cuda {
/// The same, defined in cuda/latent_gradient.cuh: in as few launches as take all pairs.
template <class Pair, class Body>
void for_each_latent_gradient(WeightGradientRule rule, const std::vector<Pair>& pairs, const Body& body);
}  // namespace cuda

}  // namespace tern::kernels
