// Ternary values at 5 trits per byte (3^5 = 243 <= 256): 1.6 bits per weight.
//
// Byte = t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4 with t = value + 1, the values in their order; the last byte of a
// tensor is filled up with zeros (t = 1).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tern {

/// Bytes of `count` values.
constexpr std::size_t trits_bytes(std::size_t count) {
  return (count + 4) / 5;
}

/// Writes trits_bytes(count) bytes. Throws DataError for a value that is not -1, 0 or 1.
void encode_trits(const std::int8_t* values, std::uint8_t* bytes, std::size_t count);

/// The reverse. Throws DataError if a byte is above 242 or the filling is not zero.
void decode_trits(const std::uint8_t* bytes, std::int8_t* values, std::size_t count);

}  // namespace tern
