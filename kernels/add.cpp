#include "kernels/add.h"

#include "kernels/check.h"
#include "kernels/dispatch.h"

namespace tern::kernels {

Tensor add(const Tensor& a, const Tensor& b) {
  static constexpr Kernel<decltype(cpu::add)> kernel{"add", &cpu::add, TERN_CUDA_KERNEL(cuda::add)};
  check_same("add", "a", a, "b", b);
  Tensor y = Tensor::empty_like(a);
  kernel(a.device(), a, b, y);
  return y;
}

void accumulate(Tensor& total, const Tensor& x) {
  static constexpr Kernel<decltype(cpu::accumulate)> kernel{"accumulate", &cpu::accumulate,
                                                            TERN_CUDA_KERNEL(cuda::accumulate)};
  check_same("accumulate", "total", total, "x", x);
  kernel(total.device(), total, x);
}

}  // namespace tern::kernels
