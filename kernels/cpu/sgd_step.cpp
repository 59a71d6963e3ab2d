#include "tern/kernels/sgd_step.h"

#include "tern/core/parallel.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kParametersAtOnce = 1 << 14;

void plain_step(SgdParameter& parameter, const SgdStep& step) {
  float* w = parameter.w.data<float>();
  const float* dw = parameter.dw.data<float>();
  parallel_for(0, parameter.w.numel(), kParametersAtOnce, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) sgd_update(step, dw[i], w[i]);
  });
}

void momentum_step(SgdParameter& parameter, const SgdStep& step) {
  float *w = parameter.w.data<float>(), *buffer = parameter.buffer.data<float>();
  const float* dw = parameter.dw.data<float>();
  parallel_for(0, parameter.w.numel(), kParametersAtOnce, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) sgd_momentum_update(step, dw[i], w[i], buffer[i]);
  });
}

}  // namespace

void sgd_step(std::vector<SgdParameter>& parameters, const SgdStep& step) {
  for (SgdParameter& parameter : parameters) {
    step.momentum == 0 ? plain_step(parameter, step) : momentum_step(parameter, step);
  }
}

}  // namespace tern::kernels::cpu
