// The two scalar formulas of the ternary activation, for every CPU kernel that contains them.
#pragma once

#include <cmath>

namespace tern::kernels::cpu {

inline float ternarise(float x) {
  return (x >= 0.5F ? 1.0F : 0.0F) - (x < -0.5F ? 1.0F : 0.0F);
}

/// Straight-through gradient: dy where |x| <= 1, else 0.
inline float ternarise_gradient(float dy, float x) {
  return std::abs(x) <= 1.0F ? dy : 0.0F;
}

}  // namespace tern::kernels::cpu
