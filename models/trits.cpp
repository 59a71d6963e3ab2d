#include "tern/models/trits.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/models/trits_code.h"

namespace tern {
namespace {

std::int64_t packed_size(std::int64_t trits) {
  return static_cast<std::int64_t>(trits_bytes(static_cast<std::size_t>(trits)));
}

}  // namespace

Tensor pack_trits(const Tensor& values) {
  constexpr std::int64_t kTritsPerByte = 5;
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
  require<DataError>(bytes.dtype() == DType::u8 && bytes.shape() == Shape{packed_size(count)},
                     "unpack_trits: {} {} for values of shape {}, expected {} bytes", bytes.dtype(),
                     bytes.shape(), shape, packed_size(count));
  Tensor values = Tensor::empty(shape, DType::i8);
  decode_trits(bytes.data<std::uint8_t>(), values.data<std::int8_t>(), static_cast<std::size_t>(count));
  return values;
}

}  // namespace tern
