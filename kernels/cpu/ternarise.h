// The scalar formulas of the ternary activation, for every CPU kernel that contains them.
#pragma once

#include <cmath>
#include <cstdint>

namespace tern::kernels::cpu {

inline std::int8_t ternarise(float x) {
  return static_cast<std::int8_t>(static_cast<int>(x >= 0.5F) - static_cast<int>(x < -0.5F));
}

/// [|x| <= 1], where the gradient passes straight through.
inline bool in_straight_through(float x) {
  return std::abs(x) <= 1.0F;
}

}  // namespace tern::kernels::cpu
