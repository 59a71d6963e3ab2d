#include "kernels/sgd_step.h"

#include "kernels/check.h"
#include "kernels/dispatch.h"

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
