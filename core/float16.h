#pragma once

#include <cmath>
#include <cstdint>

namespace tern {

/// The value of an IEEE-754 binary16, given by its bits; exact.
inline float float16_value(std::uint16_t bits) {
  constexpr int kFractionBits = 10, kBias = 15, kSpecial = 31;
  const int exponent = bits >> kFractionBits & kSpecial;
  const int fraction = bits & ((1 << kFractionBits) - 1);
  float magnitude;
  if (exponent == kSpecial) {
    magnitude = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), 1 - kBias - kFractionBits);
  } else {
    magnitude =
        std::ldexp(static_cast<float>(fraction + (1 << kFractionBits)), exponent - kBias - kFractionBits);
  }
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

}  // namespace tern
