#include "tern/kernels/sum_rows.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor sum_rows(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::sum_rows)> kernel{"sum_rows", &cpu::sum_rows,
                                                          TERN_CUDA_KERNEL(cuda::sum_rows)};
  check_f32("sum_rows", "x", x, x.shape().rank());
  Tensor sums = Tensor::empty({x.dim(-1)}, DType::f32, x.device());
  kernel(x.device(), x, sums);
  return sums;
}

}  // namespace tern::kernels
