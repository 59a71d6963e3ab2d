// The scalar formulas of the PReLU, shared by all devices. Products are computed on either side of zero: a
// condition around them would keep loops from being vectorised.
#pragma once

#include "tern/core/host_device.h"

namespace tern::kernels {

/// A shift where there is none: adding -0 changes no bit, not even the sign of a zero.
constexpr float kNoShift = -0.0F;

TERN_HOST_DEVICE inline float prelu_value(float x, float slope) {
  const float negative = slope * x;
  return x > 0 ? x : negative;
}

/// dx
TERN_HOST_DEVICE inline float prelu_gradient(float dy, float x, float slope) {
  const float negative = slope * dy;
  return x > 0 ? dy : negative;
}

/// What this element adds to the gradient of the slope.
TERN_HOST_DEVICE inline float prelu_slope_gradient(float dy, float x) {
  const float product = dy * x;
  return x > 0 ? 0.0F : product;
}

}  // namespace tern::kernels
