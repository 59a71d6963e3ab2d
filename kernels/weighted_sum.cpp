#include "tern/kernels/weighted_sum.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {
namespace {

constexpr Kernel<decltype(cpu::weighted_sum)> kernel{"weighted_sum", &cpu::weighted_sum,
                                                     TERN_CUDA_KERNEL(cuda::weighted_sum)};

}  // namespace

Tensor weighted_sum(float a, const Tensor& x, float b, const Tensor& y) {
  check_f32("weighted_sum", "x", x, x.shape().rank());
  if (y.defined()) check_same("weighted_sum", "x", x, "y", y);
  Tensor out = Tensor::empty_like(x);
  kernel(x.device(), a, x, b, y, out);
  return out;
}

void update_average(Tensor& average, const Tensor& x, float decay) {
  require<ShapeError>(decay >= 0 && decay <= 1, "update_average: decay is {}, expected [0, 1]", decay);
  check_f32("update_average", "average", average, average.shape().rank());
  check_same("update_average", "average", average, "x", x);
  kernel(average.device(), decay, average, 1 - decay, x, average);
}

}  // namespace tern::kernels
