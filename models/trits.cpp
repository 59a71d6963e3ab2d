#include "models/trits.h"

#include <algorithm>

#include "core/error.h"
#include "core/format.h"

namespace tern {
namespace {

constexpr std::int64_t kTritsPerByte = 5;
constexpr int kByteValues = 243;

std::int64_t packed_size(std::int64_t trits) {
  return (trits + kTritsPerByte - 1) / kTritsPerByte;
}

}  // namespace

Tensor pack_trits(const Tensor& values) {
  const std::int8_t* v = values.data<std::int8_t>();
  const std::int64_t count = values.numel();
  Tensor bytes = Tensor::empty({packed_size(count)}, DType::u8);
  for (std::int64_t b = 0; b < bytes.numel(); ++b) {
    int code = 0;
    for (std::int64_t i = kTritsPerByte - 1; i >= 0; --i) {
      const std::int64_t at = b * kTritsPerByte + i;
      const int value = at < count ? v[at] : 0;
      require<DataError>(value == -1 || value == 0 || value == 1, "pack_trits: value {} at {} is not ternary",
                         value, at);
      code = code * 3 + value + 1;
    }
    bytes.data<std::uint8_t>()[b] = static_cast<std::uint8_t>(code);
  }
  return bytes;
}

Tensor unpack_trits(const Tensor& bytes, const Shape& shape) {
  const std::int64_t count = shape.numel();
  require<DataError>(bytes.numel() == packed_size(count), "unpack_trits: {} bytes for shape {}, expected {}",
                     bytes.numel(), shape, packed_size(count));
  Tensor values = Tensor::empty(shape, DType::i8);
  std::int8_t* v = values.data<std::int8_t>();
  for (std::int64_t b = 0; b < bytes.numel(); ++b) {
    int code = bytes.data<std::uint8_t>()[b];
    require<DataError>(code < kByteValues, "unpack_trits: byte {} at {} is not five trits", code, b);
    for (std::int64_t i = 0; i < kTritsPerByte; ++i, code /= 3) {
      const std::int64_t at = b * kTritsPerByte + i;
      const int trit = code % 3 - 1;
      if (at < count) {
        v[at] = static_cast<std::int8_t>(trit);
      } else {
        require<DataError>(trit == 0, "unpack_trits: the filling of the last byte is not zero");
      }
    }
  }
  return values;
}

}  // namespace tern
