#include "tern/layers/functions/avg_pool2d.h"

#include "tern/kernels/avg_pool2d.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/cast.h"

namespace tern {

Variable avg_pool2d(const Variable& x, const kernels::PoolWindow& window) {
  const Variable wide = cast(x, DType::f32);
  const Variable y =
      Tape::record("avg_pool2d", kernels::avg_pool2d(wide.value(), window), {wide}, {},
                   [images = x.shape(), window](const Tensor& dy, const Saved&) {
                     return std::vector<Tensor>{kernels::avg_pool2d_backward(dy, images, window)};
                   });
  return cast(y, x.value().dtype());
}

}  // namespace tern
