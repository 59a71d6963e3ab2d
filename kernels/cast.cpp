#include "tern/kernels/cast.h"

#include "tern/kernels/common/check_float.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor cast(const Tensor& x, DType dtype) {
  static constexpr Kernel<decltype(cpu::cast)> kernel{"cast", &cpu::cast, TERN_CUDA_KERNEL(cuda::cast)};
  require<ShapeError>(dtype == DType::f32 || dtype == DType::bf16, "cast: to {}, expected f32 or bf16",
                      dtype);
  if (!x.defined() || x.dtype() != DType::i8) check_float("cast", "x", x, x.shape().rank());
  if (x.dtype() == dtype) return x;
  Tensor y = Tensor::empty(x.shape(), dtype, x.device());
  kernel(x.device(), x, y);
  return y;
}

}  // namespace tern::kernels
