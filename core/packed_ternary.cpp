#include "tern/core/packed_ternary.h"

#include "tern/core/error.h"

namespace tern {

PackedTernary PackedTernary::empty(const Shape& shape, Device device) {
  require<ShapeError>(shape.rank() >= 1, "PackedTernary: a scalar has no channels to pack");
  const std::int64_t rows = Shape(std::vector<std::int64_t>(shape.begin(), shape.end() - 1)).numel();
  const std::int64_t pairs = (shape[-1] + kWordChannels - 1) / kWordChannels;
  return {shape, Tensor::empty({rows, pairs, 2}, DType::i64, device)};
}

PackedTernary PackedTernary::to(Device device) const {
  return {shape_, words_.to(device)};
}

}  // namespace tern
