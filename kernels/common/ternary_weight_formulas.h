// The scalar formulas of kernels/ternary_weights.h, one text for all devices. A rule says, for a filter of n
// weights whose mean magnitude is `mean`:
//   step(mean, learned)        what threshold and scale are made of
//   threshold(step)            |w| above it is kept; below 0, all weights are
//   scale(step, kept, count)   from the sum and the number of the kept |w|
// and of the gradient, G = dL/d(scale * T):
//   term(g, w, scale)          what is summed over the filter, to `sum`
//   gradient(g, w, scale, sum, n)
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
  if (!(fabsf(w) > threshold)) return 0;
  return w >= 0 ? std::int8_t{1} : std::int8_t{-1};
}

/// Ternary Weight Networks (Li & Liu 2016), equations 5 and 6, with Delta = 0.7 mean|W|; straight-through.
struct TwnRule {
  static constexpr bool kLearnsStep = false;
  TERN_HOST_DEVICE static float step(float mean, float) { return mean; }
  TERN_HOST_DEVICE static float threshold(float step) { return 0.7F * step; }
  TERN_HOST_DEVICE static float scale(float, double kept, std::int64_t count) {
    return count == 0 ? 0.0F : static_cast<float>(kept / static_cast<double>(count));
  }
  TERN_HOST_DEVICE static float term(float, float, float) { return 0; }
  TERN_HOST_DEVICE static float gradient(float g, float, float, double, std::int64_t) { return g; }
};

/// LSQ (Esser et al., ICLR 2020), equations 1 to 5 with Q_N = Q_P = 1.
struct LsqRule {
  static constexpr bool kLearnsStep = true;
  TERN_HOST_DEVICE static float step(float mean, float learned) { return learned <= 0 ? 2 * mean : learned; }
  TERN_HOST_DEVICE static float threshold(float step) { return 0.5F * step; }
  TERN_HOST_DEVICE static float scale(float step, double, std::int64_t) { return step; }
  TERN_HOST_DEVICE static float term(float g, float w, float scale) {
    const float rounded = ternary_above(w, threshold(scale));
    return fabsf(w) < scale ? g * (rounded - w / scale) : g * rounded;
  }
  TERN_HOST_DEVICE static float gradient(float g, float w, float scale, double, std::int64_t) {
    return fabsf(w) < scale ? g : 0.0F;
  }
  TERN_HOST_DEVICE static float step_gradient(double sum, std::int64_t n) {
    return static_cast<float>(sum / sqrt(static_cast<double>(n)));
  }
};

/// XNOR-Net (Rastegari et al., ECCV 2016), section 3.1: sign(W) and mean|W|, and the chain rule through both.
struct BinaryRule {
  static constexpr bool kLearnsStep = false;
  TERN_HOST_DEVICE static float step(float mean, float) { return mean; }
  TERN_HOST_DEVICE static float threshold(float) { return -1; }
  TERN_HOST_DEVICE static float scale(float step, double, std::int64_t) { return step; }
  TERN_HOST_DEVICE static float term(float g, float w, float) { return binary_sign(w) * g; }
  TERN_HOST_DEVICE static float gradient(float g, float w, float scale, double sum, std::int64_t n) {
    const float through = fabsf(w) <= 1 ? scale * g : 0.0F;
    return through + binary_sign(w) * static_cast<float>(sum / static_cast<double>(n));
  }
};

/// body(Rule())
template <class Body>
void visit_weight_rule(WeightMethod method, const Body& body) {
  switch (method) {
    case WeightMethod::twn:
      return body(TwnRule());
    case WeightMethod::lsq:
      return body(LsqRule());
    case WeightMethod::binary:
      return body(BinaryRule());
  }
}

}  // namespace tern::kernels
