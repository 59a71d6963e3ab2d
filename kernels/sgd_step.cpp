#include "kernels/sgd_step.h"

#include "kernels/check.h"
#include "kernels/dispatch.h"

namespace tern::kernels {

void sgd_step(Tensor& w, const Tensor& dw, Tensor& buffer, const SgdStep& step) {
  static constexpr Kernel<decltype(cpu::sgd_step)> kernel{"sgd_step", &cpu::sgd_step,
                                                          TERN_CUDA_KERNEL_PENDING(cuda::sgd_step)};
  check_same("sgd_step", "w", w, "dw", dw);
  if (step.momentum != 0) check_same("sgd_step", "w", w, "buffer", buffer);
  kernel(w.device(), w, dw, buffer, step);
}

}  // namespace tern::kernels
