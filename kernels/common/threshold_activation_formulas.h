// The scalar formulas of kernels/threshold_activation.h, one text for all devices.
#pragma once

#include <cmath>
#include <cstdint>

#include "tern/core/host_device.h"

namespace tern::kernels {

TERN_HOST_DEVICE inline std::int8_t ternary_between(float x, float low, float high) {
  return static_cast<std::int8_t>(static_cast<int>(x >= high) - static_cast<int>(x < low));
}

/// df/dx on the side of 0 where the threshold is `distance` away.
TERN_HOST_DEVICE inline float threshold_slope(float distance) {
  constexpr float kLeastDistance = 1e-3F;
  return 1 / (2 * (distance < kLeastDistance ? kLeastDistance : distance));
}

/// The slope of f at x, 0 where f is constant; `down` and `up` are the slopes below and above 0.
TERN_HOST_DEVICE inline float slope_at(float x, float down, float up) {
  const float slope = x < 0 ? down : up;
  return fabsf(x) * slope <= 1 ? slope : 0.0F;
}

/// What dy adds to the gradient of the distance of the threshold on the side of x: f = x * slope and slope =
/// 1 / (2 distance), so that df/ddistance = -2 x slope^2.
TERN_HOST_DEVICE inline float distance_gradient(float dy, float x, float slope) {
  return -2 * dy * x * slope * slope;
}

}  // namespace tern::kernels
