#include "tern/layers/functions/max_pool2d.h"

#include "tern/kernels/max_pool2d.h"
#include "tern/layers/autograd/tape.h"

namespace tern {
namespace {

Variable record(const char* name, const kernels::MaxPool2dResult& pooled, const Variable& x,
                const kernels::PoolWindow& window) {
  return Tape::record(
      name, pooled.y, {x}, {{SavedKind::index, pooled.argmax}},
      [images = x.shape(), window](const Tensor& dy, const Saved& saved) {
        return std::vector<Tensor>{kernels::max_pool2d_backward(dy, saved[0], images, window)};
      });
}

}  // namespace

Variable max_pool2d(const Variable& x, const kernels::PoolWindow& window) {
  return record("max_pool2d", kernels::max_pool2d(x.value(), window), x, window);
}

Variable max_pool2d_pad_channels(const Variable& x, const kernels::PoolWindow& window,
                                 std::int64_t channels) {
  return record("max_pool2d_pad_channels", kernels::max_pool2d_pad_channels(x.value(), window, channels), x,
                window);
}

}  // namespace tern
