#include "tern/layers/functions/global_avg_pool2d.h"

#include "tern/kernels/global_avg_pool2d.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable global_avg_pool2d(const Variable& x) {
  return Tape::record("global_avg_pool2d", kernels::global_avg_pool2d(x.value()), {x}, {},
                      [images = x.shape(), dtype = x.value().dtype()](const Tensor& dy, const Saved&) {
                        return std::vector<Tensor>{kernels::global_avg_pool2d_backward(dy, images, dtype)};
                      });
}

}  // namespace tern
