// The code of trits.h on plain memory, for readers that have no tensors.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tern {

/// Bytes of `trits` values.
constexpr std::size_t trits_bytes(std::size_t trits) {
  return (trits + 4) / 5;
}

/// Writes `count` values in {-1, 0, +1} from trits_bytes(count) bytes. Throws DataError if a byte is above
/// 242 or the filling is not zero.
void decode_trits(const std::uint8_t* bytes, std::int8_t* values, std::size_t count);

}  // namespace tern
