// Between bfloat16 and float, by integer arithmetic alone: every device gives the same bits, and loops over
// it are vectorised.
#pragma once

#include <cstring>
#include <type_traits>

#include "tern/core/dtype.h"
#include "tern/core/host_device.h"

namespace tern {

/// x as a float: exact for a bfloat16, and for integers of up to 24 bits.
template <class Number>
TERN_HOST_DEVICE inline float to_float(Number x) {
  if constexpr (std::is_same_v<Number, bfloat16>) {
    const std::uint32_t bits = std::uint32_t{x.bits} << 16;
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  } else {
    return static_cast<float>(x);
  }
}

/// x as an Element: float, or bfloat16 by rounding to nearest, ties to even. A NaN stays a NaN; what rounds
/// to a number beyond the largest bfloat16 becomes infinite.
template <class Element>
TERN_HOST_DEVICE inline Element rounded_to(float x) {
  if constexpr (std::is_same_v<Element, bfloat16>) {
    std::uint32_t bits;
    std::memcpy(&bits, &x, sizeof(bits));
    // Half a unit, or a little less if the upper half is even: a carry out of the lower half rounds up, into
    // the exponent where need be.
    const std::uint32_t nearest = (bits + 0x7fffU + (bits >> 16 & 1U)) >> 16;
    const std::uint32_t quiet = bits >> 16 | 0x40U;  // a NaN whose payload is in the lower half stays one
    return {static_cast<std::uint16_t>(x == x ? nearest : quiet)};
  } else {
    return x;
  }
}

/// A small integer as a Number of any of these types, exactly.
template <class Number>
TERN_HOST_DEVICE inline Number from_small_integer(int value) {
  if constexpr (std::is_same_v<Number, bfloat16>) {
    return rounded_to<bfloat16>(static_cast<float>(value));
  } else {
    return static_cast<Number>(value);
  }
}

}  // namespace tern
