#include "layers/functions/avg_pool2d.h"

#include "kernels/avg_pool2d.h"
#include "layers/autograd/tape.h"

namespace tern {

Variable avg_pool2d(const Variable& x, const kernels::PoolWindow& window) {
  return Tape::record("avg_pool2d", kernels::avg_pool2d(x.value(), window), {x}, {},
                      [images = x.shape(), window](const Tensor& dy, const Saved&) {
                        return std::vector<Tensor>{kernels::avg_pool2d_backward(dy, images, window)};
                      });
}

}  // namespace tern
