#include "tern/models/trits_code.h"

#include "tern/core/error.h"

namespace tern {

void decode_trits(const std::uint8_t* bytes, std::int8_t* values, std::size_t count) {
  constexpr int kByteValues = 243;
  constexpr std::size_t kTritsPerByte = 5;
  for (std::size_t b = 0; b < trits_bytes(count); ++b) {
    int code = bytes[b];
    require<DataError>(code < kByteValues, "unpack_trits: byte {} at {} is not five trits", code, b);
    for (std::size_t i = 0; i < kTritsPerByte; ++i, code /= 3) {
      const std::size_t at = b * kTritsPerByte + i;
      const int trit = code % 3 - 1;
      if (at < count) {
        values[at] = static_cast<std::int8_t>(trit);
      } else {
        require<DataError>(trit == 0, "unpack_trits: the filling of the last byte is not zero");
      }
    }
  }
}

}  // namespace tern
