#include "tern/models/trits_code.h"

#include "tern/core/error.h"

namespace tern {
namespace {

constexpr std::size_t kTritsPerByte = 5;
constexpr int kByteValues = 243;

}  // namespace

void encode_trits(const std::int8_t* values, std::uint8_t* bytes, std::size_t count) {
  for (std::size_t b = 0; b < trits_bytes(count); ++b) {
    int code = 0;
    for (std::size_t i = kTritsPerByte; i-- > 0;) {
      const std::size_t at = b * kTritsPerByte + i;
      const int value = at < count ? values[at] : 0;
      require<DataError>(value == -1 || value == 0 || value == 1,
                         "encode_trits: value {} at {} is not ternary", value, at);
      code = code * 3 + value + 1;
    }
    bytes[b] = static_cast<std::uint8_t>(code);
  }
}

void decode_trits(const std::uint8_t* bytes, std::int8_t* values, std::size_t count) {
  for (std::size_t b = 0; b < trits_bytes(count); ++b) {
    int code = bytes[b];
    require<DataError>(code < kByteValues, "decode_trits: byte {} at {} is not five trits", code, b);
    for (std::size_t i = 0; i < kTritsPerByte; ++i, code /= 3) {
      const std::size_t at = b * kTritsPerByte + i;
      const int trit = code % 3 - 1;
      if (at < count) {
        values[at] = static_cast<std::int8_t>(trit);
      } else {
        require<DataError>(trit == 0, "decode_trits: the filling of the last byte is not zero");
      }
    }
  }
}

}  // namespace tern
