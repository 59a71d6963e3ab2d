#include "tern/kernels/adam_step.h"

#include "tern/core/parallel.h"

namespace tern::kernels::cpu {

constexpr std::int64_t kGrain = 1 << 13;

void adam_step(std::vector<AdamParameter>& parameters, const AdamCoefficients& coefficients) {
  for (AdamParameter& p : parameters) {
    float *w = p.w.data<float>(), *m = p.m.data<float>(), *v = p.v.data<float>();
    const float* dw = p.dw.data<float>();
    // A copy in the closure: stores to the tensors cannot change it, so it stays in registers.
    parallel_for(0, p.w.numel(), kGrain, [=, c = coefficients](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) adam_update(c, dw[i], w[i], m[i], v[i]);
    });
  }
}

}  // namespace tern::kernels::cpu
