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

/// `count` values, up to 32, from the low bits of their sign and mask.
template <class T>
void unpack_bits(std::uint32_t sign, std::uint32_t mask, std::uint32_t count, T* __restrict values) {
  for (std::uint32_t j = 0; j < count; ++j) {
    values[j] = static_cast<T>(static_cast<int>(mask >> j & 1) - 2 * static_cast<int>(sign >> j & 1));
  }
}

/// The values of one row. Sixteen at a time, because 32-bit lanes can be shifted each by its own count, and a
/// count known to the compiler leaves no loop.
template <class T>
void unpack_row(const std::uint64_t* words, std::int64_t channels, T* values) {
  constexpr std::int64_t kStep = 16;
  for (std::int64_t first = 0; first < channels; first += kStep) {
    const std::uint64_t* pair = words + first / PackedTernary::kWordChannels * 2;
    const std::int64_t shift = first % PackedTernary::kWordChannels;
    const auto sign = static_cast<std::uint32_t>(pair[0] >> shift);
    const auto mask = static_cast<std::uint32_t>(pair[1] >> shift);
    if (first + kStep <= channels) {
      unpack_bits(sign, mask, kStep, values + first);
    } else {
      unpack_bits(sign, mask, static_cast<std::uint32_t>(channels - first), values + first);
    }
  }
}

}  // namespace tern::kernels::cpu
