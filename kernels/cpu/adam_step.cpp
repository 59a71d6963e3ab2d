#include "kernels/adam_step.h"

#include <cmath>

#include "core/parallel.h"

namespace tern::kernels::cpu {

constexpr std::int64_t kGrain = 1 << 13;

void adam_step(Tensor& w, const Tensor& dw, Tensor& m, Tensor& v, const AdamCoefficients& coefficients) {
  float* pw = w.data<float>();
  const float* pdw = dw.data<float>();
  float* pm = m.data<float>();
  float* pv = v.data<float>();
  // A copy in the closure: stores to the tensors cannot change it, so it stays in registers.
  parallel_for(0, w.numel(), kGrain, [=, c = coefficients](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const float g = c.gradient_scale * pdw[i] + c.l2 * pw[i];
      const float moment = pm[i] + c.m_rate * (g - pm[i]);
      const float square = c.v_decay * pv[i] + c.v_rate * g * g;
      pm[i] = moment;
      pv[i] = square;
      pw[i] = c.shrink * pw[i] - c.step_size * moment / (std::sqrt(square) / c.root_v_bias + c.eps);
    }
  });
}

}  // namespace tern::kernels::cpu
