// One step of Adam (Kingma & Ba, ICLR 2015) or AdamW (Loshchilov & Hutter, ICLR 2019) on one parameter,
// in place.
#pragma once

#include "core/tensor.h"

namespace tern::kernels {

struct AdamStep {
  double lr = 0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
  bool decoupled = false;  ///< AdamW: the decay shrinks w and stays out of the moments.
  double gradient_scale = 1;
  std::int64_t t = 1;  ///< Number of this step, from 1: the exponent of the bias corrections.
};

/// With s = gradient_scale, as torch.optim.Adam and AdamW:
///   g = s*dw + weight_decay*w, or, decoupled, w = w - lr*weight_decay*w and g = s*dw;
///   m = m + (1 - beta1)*(g - m),  v = beta2*v + (1 - beta2)*g^2,
///   w = w - lr/(1 - beta1^t) * m / (sqrt(v)/sqrt(1 - beta2^t) + eps).
/// w, dw, m (exp_avg) and v (exp_avg_sq) are f32 of the same shape. Coefficients are computed in double.
void adam_step(Tensor& w, const Tensor& dw, Tensor& m, Tensor& v, const AdamStep& step);

/// What the kernels need of an AdamStep.
struct AdamCoefficients {
  float gradient_scale;
  float l2;           ///< weight_decay if coupled, else 0.
  float shrink;       ///< 1 - lr*weight_decay if decoupled, else 1.
  float m_rate;       ///< 1 - beta1.
  float v_decay;      ///< beta2.
  float v_rate;       ///< 1 - beta2.
  float step_size;    ///< lr / (1 - beta1^t).
  float root_v_bias;  ///< sqrt(1 - beta2^t).
  float eps;
};

namespace cpu {
void adam_step(Tensor& w, const Tensor& dw, Tensor& m, Tensor& v, const AdamCoefficients& coefficients);
}  // namespace cpu

}  // namespace tern::kernels
