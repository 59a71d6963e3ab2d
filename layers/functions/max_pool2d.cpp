#include "tern/layers/functions/max_pool2d.h"

#include "tern/kernels/max_pool2d.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable max_pool2d(const Variable& x, const kernels::PoolWindow& window) {
  const kernels::MaxPool2dResult pooled = kernels::max_pool2d(x.value(), window);
  return Tape::record(
      "max_pool2d", pooled.y, {x}, {{SavedKind::index, pooled.argmax}},
      [images = x.shape(), window](const Tensor& dy, const Saved& saved) {
        return std::vector<Tensor>{kernels::max_pool2d_backward(dy, saved[0], images, window)};
      });
}

}  // namespace tern
