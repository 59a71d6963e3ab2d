#include "tern/kernels/sgd_step.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

void sgd_step(std::vector<SgdParameter>& parameters, const SgdStep& step) {
  static constexpr Kernel<decltype(cpu::sgd_step)> kernel{"sgd_step", &cpu::sgd_step,
                                                          TERN_CUDA_KERNEL(cuda::sgd_step)};
  for (const SgdParameter& p : parameters) {
    check_same("sgd_step", "w", p.w, "dw", p.dw);
    if (step.momentum != 0) check_same("sgd_step", "w", p.w, "buffer", p.buffer);
  }
  if (!parameters.empty()) kernel(parameters.front().w.device(), parameters, step);
}

}  // namespace tern::kernels
