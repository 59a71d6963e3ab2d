// Between bytes and bits, for the CPU kernels that pack or unpack ternary values. Eight bytes are taken as
// one little-endian word, which is what every CPU that Tern runs on has.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "tern/core/packed_ternary.h"

namespace tern::kernels::cpu {

/// Up to 8 bytes as a word, the first one lowest, missing ones zero.
inline std::uint64_t load_bytes(const void* bytes, std::int64_t count) {
  std::uint64_t word = 0;
  if (count >= 8) {
    std::memcpy(&word, bytes, 8);  // a constant size compiles to one load
  } else {
    std::memcpy(&word, bytes, static_cast<std::size_t>(count));
  }
  return word;
}

/// Bit 0 of each of the 8 bytes, as 8 bits. In the product, bit 0 of byte i lands at bit 56 + i, and no two
/// of the 64 partial products meet, so that nothing is carried.
inline std::uint64_t low_bits(std::uint64_t bytes) {
  return ((bytes & 0x0101010101010101U) * 0x0102040810204080U) >> 56;
}

/// One row of `channels` values into its words. As bytes, -1 is 0xFF and +1 is 0x01: bit 7 is the sign, bit 0
/// the mask.
inline void pack_row(const std::int8_t* values, std::int64_t channels, std::uint64_t* words) {
  constexpr std::int64_t kWord = PackedTernary::kWordChannels;
  for (std::int64_t first = 0; first < channels; first += kWord, words += 2) {
    const std::int64_t end = std::min(first + kWord, channels);
    std::uint64_t sign = 0, mask = 0;
    for (std::int64_t c = first; c < end; c += 8) {
      const std::uint64_t bytes = load_bytes(values + c, end - c);
      sign |= low_bits(bytes >> 7) << (c - first);
      mask |= low_bits(bytes) << (c - first);
    }
    words[0] = sign;
    words[1] = mask;
  }
}

/// The reverse: bit i of `bits` as bit 0 of byte i. A byte that holds its bit, wherever it stands in it,
/// carries into bit 7 when 0x7F is added.
inline std::uint64_t spread_bits(std::uint8_t bits) {
  const std::uint64_t placed = bits * 0x0101010101010101U & 0x8040201008040201U;
  return (placed + 0x7f7f7f7f7f7f7f7fU) >> 7 & 0x0101010101010101U;
}

/// Eight values as bytes from their signs and masks.
inline std::uint64_t ternary_bytes(std::uint8_t sign, std::uint8_t mask) {
  return spread_bits(mask) | spread_bits(sign) * 0xff;
}

/// The values of one row as bytes. Up to 7 more bytes are written after them.
inline void unpack_row(const std::uint64_t* words, std::int64_t channels, std::int8_t* values) {
  constexpr std::int64_t kWord = PackedTernary::kWordChannels;
  for (std::int64_t first = 0; first < channels; first += kWord, words += 2) {
    const std::int64_t count = std::min(kWord, channels - first);
    for (std::int64_t c = 0; c < count; c += 8) {
      const std::uint64_t bytes =
          ternary_bytes(static_cast<std::uint8_t>(words[0] >> c), static_cast<std::uint8_t>(words[1] >> c));
      std::memcpy(values + first + c, &bytes, sizeof(bytes));
    }
  }
}

}  // namespace tern::kernels::cpu
