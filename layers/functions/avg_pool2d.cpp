#include "tern/layers/functions/avg_pool2d.h"

#include "tern/kernels/avg_pool2d.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable avg_pool2d(const Variable& x, const kernels::PoolWindow& window) {
  return Tape::record("avg_pool2d", kernels::avg_pool2d(x.value(), window), {x}, {},
                      [images = x.shape(), window](const Tensor& dy, const Saved&) {
                        return std::vector<Tensor>{kernels::avg_pool2d_backward(dy, images, window)};
                      });
}

}  // namespace tern
