#include "tern/kernels/weighted_sum.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor weighted_sum(float a, const Tensor& x, float b, const Tensor& y) {
  static constexpr Kernel<decltype(cpu::weighted_sum)> kernel{"weighted_sum", &cpu::weighted_sum,
                                                              TERN_CUDA_KERNEL(cuda::weighted_sum)};
  check_f32("weighted_sum", "x", x, x.shape().rank());
  if (y.defined()) check_same("weighted_sum", "x", x, "y", y);
  Tensor out = Tensor::empty_like(x);
  kernel(x.device(), a, x, b, y, out);
  return out;
}

void update_averages(std::vector<MovingAverage>& averages, float decay) {
  static constexpr Kernel<decltype(cpu::update_averages)> kernel{"update_averages", &cpu::update_averages,
                                                                 TERN_CUDA_KERNEL(cuda::update_averages)};
  require<ShapeError>(decay >= 0 && decay <= 1, "update_averages: decay is {}, expected [0, 1]", decay);
  for (const MovingAverage& a : averages) {
    check_f32("update_averages", "average", a.average, a.average.shape().rank());
    check_same("update_averages", "average", a.average, "x", a.x);
  }
  if (!averages.empty()) kernel(averages.front().average.device(), averages, decay);
}

}  // namespace tern::kernels
