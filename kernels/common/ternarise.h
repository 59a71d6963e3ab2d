// The scalar formulas of the ternary and binary activations, for every kernel of every device that contains
// them.
#pragma once

#include <cmath>
#include <cstdint>

#include "tern/core/host_device.h"

namespace tern::kernels {

TERN_HOST_DEVICE inline std::int8_t ternarise(float x) {
  return static_cast<std::int8_t>(static_cast<int>(x >= 0.5F) - static_cast<int>(x < -0.5F));
}

TERN_HOST_DEVICE inline std::int8_t binarise(float x) {
  return x < 0 ? std::int8_t{-1} : std::int8_t{1};
}

/// [|x| <= 1], where the gradient passes straight through.
TERN_HOST_DEVICE inline bool in_straight_through(float x) {
  return fabsf(x) <= 1.0F;
}

}  // namespace tern::kernels
