// The scalar formulas of the ternary activation, for every kernel of every device that contains them.
#pragma once

#include <cmath>
#include <cstdint>

#include "tern/core/host_device.h"

namespace tern::kernels {

TERN_HOST_DEVICE inline std::int8_t ternarise(float x) {
  return static_cast<std::int8_t>(static_cast<int>(x >= 0.5F) - static_cast<int>(x < -0.5F));
}

/// [|x| <= 1], where the gradient passes straight through.
TERN_HOST_DEVICE inline bool in_straight_through(float x) {
  return fabsf(x) <= 1.0F;
}

}  // namespace tern::kernels
