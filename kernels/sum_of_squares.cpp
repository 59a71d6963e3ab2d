#include "tern/kernels/sum_of_squares.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

std::vector<double> sum_of_squares(const std::vector<Tensor>& tensors) {
  static constexpr Kernel<decltype(cpu::sum_of_squares)> kernel{"sum_of_squares", &cpu::sum_of_squares,
                                                                TERN_CUDA_KERNEL(cuda::sum_of_squares)};
  for (const Tensor& x : tensors) check_f32("sum_of_squares", "a tensor", x, x.shape().rank());
  return tensors.empty() ? std::vector<double>() : kernel(tensors.front().device(), tensors);
}

}  // namespace tern::kernels
