// The scalar formulas of kernels/ternary_weights.h, one text for all devices. A rule says, for a filter of n
// weights whose mean magnitude is `mean`:
//   learned(mean, value)           what the value that is learned per filter becomes before it is used
//   threshold(mean, learned)       |w| above it is kept; below 0, all weights are
//   scale(mean, learned, kept, count)  from the sum and the number of the kept |w|
// and of the gradient, G = dL/d(scale * T), with what the forward pass has made of the filter:
//   term(g, w, filter)             what is summed over the filter, to `sum`
//   gradient(g, w, filter, sum, n)
//   learned_gradient(sum, filter, n)
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "tern/core/host_device.h"
#include "tern/kernels/common/latent_gradient.h"
#include "tern/kernels/ternary_weights.h"

namespace tern::kernels {

/// sign(w) [|w| > threshold], sign(0) = +1.
TERN_HOST_DEVICE inline std::int8_t ternary_above(float w, float threshold) {
  const int sign = w >= 0 ? 1 : -1;
  return static_cast<std::int8_t>(fabsf(w) > threshold ? sign : 0);
}

/// sum / sqrt(n): LSQ, section 2.2, with Q_P = 1.
TERN_HOST_DEVICE inline float learned_per_filter_gradient(double sum, std::int64_t n) {
  return static_cast<float>(sum / sqrt(static_cast<double>(n)));
}

/// A filter in the backward pass.
struct WeightFilter {
  float scale;
  float mean, threshold;  // only for rules with kNeedsMean
};

/// Ternary Weight Networks (Li & Liu 2016), equations 5 and 6, with Delta = 0.7 mean|W|; straight-through.
struct TwnRule {
  static constexpr bool kLearns = false, kNeedsMean = false;
  TERN_HOST_DEVICE static float threshold(float mean, float) { return kTwnThreshold * mean; }
  TERN_HOST_DEVICE static float scale(float, float, double kept, std::int64_t count) {
    return count == 0 ? 0.0F : static_cast<float>(kept / static_cast<double>(count));
  }
  TERN_HOST_DEVICE static float term(float, float, const WeightFilter&) { return 0; }
  TERN_HOST_DEVICE static float gradient(float g, float, const WeightFilter&, double, std::int64_t) {
    return g;
  }
};

/// LSQ (Esser et al., ICLR 2020), equations 1 to 5 with Q_N = Q_P = 1. The step is learned.
struct LsqRule {
  static constexpr bool kLearns = true, kNeedsMean = false;
  TERN_HOST_DEVICE static float learned(float mean, float step) { return step <= 0 ? 2 * mean : step; }
  TERN_HOST_DEVICE static float threshold(float, float step) { return 0.5F * step; }
  TERN_HOST_DEVICE static float scale(float, float step, double, std::int64_t) { return step; }
  TERN_HOST_DEVICE static float term(float g, float w, const WeightFilter& filter) {
    const float rounded = ternary_above(w, threshold(0, filter.scale));
    return fabsf(w) < filter.scale ? g * (rounded - w / filter.scale) : g * rounded;
  }
  TERN_HOST_DEVICE static float gradient(float g, float w, const WeightFilter& filter, double, std::int64_t) {
    return fabsf(w) < filter.scale ? g : 0.0F;
  }
  TERN_HOST_DEVICE static float learned_gradient(double sum, const WeightFilter&, std::int64_t n) {
    return learned_per_filter_gradient(sum, n);
  }
};

/// layers/ternary/threshold.h. The threshold, in units of mean|W|, is learned.
struct ThresholdRule {
  static constexpr bool kLearns = true, kNeedsMean = true;
  static constexpr float kLargest = 2;
  TERN_HOST_DEVICE static float learned(float, float delta) {
    return delta < 0 ? 0.0F : (delta > kLargest ? kLargest : delta);
  }
  TERN_HOST_DEVICE static float threshold(float mean, float delta) { return delta * mean; }
  TERN_HOST_DEVICE static float scale(float mean, float delta, double kept, std::int64_t count) {
    return delta == delta ? TwnRule::scale(mean, delta, kept, count) : delta;  // a NaN has to show
  }
  /// max(0, 1 - |x|), half of the derivative of Bi-Real Net's polynomial.
  TERN_HOST_DEVICE static float hat(float x) {
    const float height = 1 - fabsf(x);
    return height > 0 ? height : 0.0F;
  }
  TERN_HOST_DEVICE static float term(float g, float w, const WeightFilter& filter) {
    const float per_scale = inverse_scale(filter.scale);
    return g * (hat((w + filter.threshold) * per_scale) - hat((w - filter.threshold) * per_scale));
  }
  TERN_HOST_DEVICE static float gradient(float g, float, const WeightFilter&, double, std::int64_t) {
    return g;
  }
  TERN_HOST_DEVICE static float learned_gradient(double sum, const WeightFilter& filter, std::int64_t n) {
    return filter.mean * learned_per_filter_gradient(sum, n);
  }
};

/// XNOR-Net (Rastegari et al., ECCV 2016), section 3.1: sign(W) and mean|W|, and the chain rule through both.
struct BinaryRule {
  static constexpr bool kLearns = false, kNeedsMean = false;
  TERN_HOST_DEVICE static float threshold(float, float) { return -1; }
  TERN_HOST_DEVICE static float scale(float mean, float, double, std::int64_t) { return mean; }
  TERN_HOST_DEVICE static float term(float g, float w, const WeightFilter&) { return binary_sign(w) * g; }
  TERN_HOST_DEVICE static float gradient(float g, float w, const WeightFilter& filter, double sum,
                                         std::int64_t n) {
    const float through = fabsf(w) <= 1 ? filter.scale * g : 0.0F;
    return through + binary_sign(w) * static_cast<float>(sum / static_cast<double>(n));
  }
};

/// What `rule` learns of a filter, in its range; 0 if it learns nothing. `values` is null then.
template <class Rule>
TERN_HOST_DEVICE float learned_of(float mean, const float* values, std::int64_t filter) {
  if constexpr (Rule::kLearns) return Rule::learned(mean, values[filter]);
  return 0;
}

/// body(Rule())
template <class Body>
void visit_weight_rule(WeightMethod method, const Body& body) {
  switch (method) {
    case WeightMethod::twn:
      return body(TwnRule());
    case WeightMethod::lsq:
      return body(LsqRule());
    case WeightMethod::threshold:
      return body(ThresholdRule());
    case WeightMethod::binary:
      return body(BinaryRule());
  }
}

}  // namespace tern::kernels
