#include "tern/kernels/sum_rows.h"

#include "tern/kernels/cast.h"
#include "tern/kernels/common/check_float.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor sum_rows(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::sum_rows)> kernel{"sum_rows", &cpu::sum_rows,
                                                          TERN_CUDA_KERNEL(cuda::sum_rows)};
  check_float("sum_rows", "x", x, x.shape().rank());
  Tensor sums = Tensor::empty({x.dim(-1)}, DType::f32, x.device());
  kernel(x.device(), cast(x, DType::f32), sums);
  return sums;
}

}  // namespace tern::kernels
