#include "tern/models/levels_code.h"

#include "tern/core/error.h"

namespace tern {
namespace {

constexpr std::size_t kPerByte = 4;

}  // namespace

void encode_levels(const std::int8_t* values, std::uint8_t* bytes, std::size_t count) {
  for (std::size_t b = 0; b < levels_bytes(count); ++b) {
    unsigned code = 0;
    for (std::size_t i = 0; i < kPerByte && b * kPerByte + i < count; ++i) {
      const int value = values[b * kPerByte + i];
      require<DataError>(value == -3 || value == -1 || value == 1 || value == 3,
                         "encode_levels: value {} at {} is not -3, -1, 1 or 3", value, b * kPerByte + i);
      code |= static_cast<unsigned>(value + 3) / 2 << 2 * i;
    }
    bytes[b] = static_cast<std::uint8_t>(code);
  }
}

void decode_levels(const std::uint8_t* bytes, std::int8_t* values, std::size_t count) {
  for (std::size_t b = 0; b < levels_bytes(count); ++b) {
    for (std::size_t i = 0; i < kPerByte; ++i) {
      const std::size_t at = b * kPerByte + i;
      const int code = bytes[b] >> 2 * i & 3;
      if (at < count) {
        values[at] = static_cast<std::int8_t>(2 * code - 3);
      } else {
        require<DataError>(code == 0, "decode_levels: the filling of the last byte is not zero");
      }
    }
  }
}

}  // namespace tern
