// Weights of four levels at 4 a byte: 2 bits per weight.
//
// Byte = c0 + 4 c1 + 16 c2 + 64 c3 with c = (value + 3) / 2, the values in their order; the last byte of a
// tensor is filled up with zero bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tern {

/// Bytes of `count` values.
constexpr std::size_t levels_bytes(std::size_t count) {
  return (count + 3) / 4;
}

/// Writes levels_bytes(count) bytes. Throws DataError for a value that is not -3, -1, 1 or 3.
void encode_levels(const std::int8_t* values, std::uint8_t* bytes, std::size_t count);

/// The reverse. Throws DataError if the filling is not zero.
void decode_levels(const std::uint8_t* bytes, std::int8_t* values, std::size_t count);

}  // namespace tern
