#include "kernels/sum_of_squares.h"

#include "kernels/check.h"
#include "kernels/dispatch.h"

namespace tern::kernels {

double sum_of_squares(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::sum_of_squares)> kernel{"sum_of_squares", &cpu::sum_of_squares,
                                                                TERN_CUDA_KERNEL_PENDING(cuda::sum_of_squares)};
  require<ShapeError>(x.defined() && x.dtype() == DType::f32, "sum_of_squares: x is undefined or not f32");
  return kernel(x.device(), x);
}

}  // namespace tern::kernels
