#include "tern/models/packed_weights.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/models/weights_code.h"

namespace tern {

Tensor pack_weights(const Tensor& values, WeightLevels levels) {
  const auto count = static_cast<std::size_t>(values.numel());
  Tensor bytes = Tensor::empty({static_cast<std::int64_t>(weights_bytes(levels, count))}, DType::u8);
  encode_weights(levels, values.data<std::int8_t>(), bytes.data<std::uint8_t>(), count);
  return bytes;
}

Tensor unpack_weights(const Tensor& bytes, const Shape& shape, WeightLevels levels) {
  const auto count = static_cast<std::size_t>(shape.numel());
  const Shape expected{static_cast<std::int64_t>(weights_bytes(levels, count))};
  require<DataError>(bytes.dtype() == DType::u8 && bytes.shape() == expected,
                     "{} {} for values of shape {}, expected {} bytes", bytes.dtype(), bytes.shape(), shape,
                     expected[0]);
  Tensor values = Tensor::empty(shape, DType::i8);
  decode_weights(levels, bytes.data<std::uint8_t>(), values.data<std::int8_t>(), count);
  return values;
}

}  // namespace tern
