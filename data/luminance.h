#pragma once

#include <cstdint>

namespace tern {

/// Y of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, rounded as libjpeg and Pillow's convert("L") round it;
/// v where all three are v.
constexpr std::uint8_t luminance(const std::uint8_t* rgb) {
  constexpr std::uint32_t kRed = 19595, kGreen = 38470, kBlue = 7471, kHalf = 1U << 15;  // of 2^16
  return static_cast<std::uint8_t>((kRed * rgb[0] + kGreen * rgb[1] + kBlue * rgb[2] + kHalf) >> 16);
}

}  // namespace tern
