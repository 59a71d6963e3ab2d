#include "tern/kernels/adam_step.h"

#include <cmath>

#include "tern/kernels/common/check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

AdamCoefficients coefficients_of(const char* op, const AdamStep& step) {
  require<ShapeError>(step.t >= 1, "{}: t is {}, but steps are counted from 1", op, step.t);
  const double t = static_cast<double>(step.t);
  AdamCoefficients c{};
  c.gradient_scale = static_cast<float>(step.gradient_scale);
  c.l2 = static_cast<float>(step.decoupled ? 0.0 : step.weight_decay);
  c.shrink = static_cast<float>(step.decoupled ? 1.0 - step.lr * step.weight_decay : 1.0);
  c.m_rate = static_cast<float>(1.0 - step.beta1);
  c.v_decay = static_cast<float>(step.beta2);
  c.v_rate = static_cast<float>(1.0 - step.beta2);
  c.step_size = static_cast<float>(step.lr / (1.0 - std::pow(step.beta1, t)));
  c.root_v_bias = static_cast<float>(std::sqrt(1.0 - std::pow(step.beta2, t)));
  c.eps = static_cast<float>(step.eps);
  return c;
}

void adam_step(std::vector<AdamParameter>& parameters, const AdamStep& step) {
  static constexpr Kernel<decltype(cpu::adam_step)> kernel{"adam_step", &cpu::adam_step,
                                                           TERN_CUDA_KERNEL(cuda::adam_step)};
  for (const AdamParameter& p : parameters) {
    check_same("adam_step", "w", p.w, "dw", p.dw);
    check_same("adam_step", "w", p.w, "m", p.m);
    check_same("adam_step", "w", p.w, "v", p.v);
  }
  const AdamCoefficients coefficients = coefficients_of("adam_step", step);
  if (!parameters.empty()) kernel(parameters.front().w.device(), parameters, coefficients);
}

}  // namespace tern::kernels
