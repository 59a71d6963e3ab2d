#include "tern/layers/functions/reshape.h"

#include "tern/layers/autograd/tape.h"

namespace tern {

Variable reshape(const Variable& x, const Shape& shape) {
  return Tape::record(
      "reshape", x.value().reshape(shape), {x}, {},
      [from = x.shape()](const Tensor& dy, const Saved&) { return std::vector<Tensor>{dy.reshape(from)}; });
}

Variable flatten(const Variable& x) {
  const std::int64_t images = x.shape()[0];
  return reshape(x, {images, images == 0 ? 0 : x.value().numel() / images});
}

}  // namespace tern
