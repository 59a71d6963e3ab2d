// One step of Adam (Kingma & Ba, ICLR 2015) or AdamW (Loshchilov & Hutter, ICLR 2019), in place.
#pragma once

#include <vector>

#include "tern/core/tensor.h"
#include "tern/kernels/common/adam_formulas.h"

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

/// A parameter, its gradient and its moments: f32 of the same shape.
struct AdamParameter {
  Tensor w;
  Tensor dw;
  Tensor m;  ///< exp_avg
  Tensor v;  ///< exp_avg_sq
};

/// What Adam keeps of the past of a parameter, of its shape.
struct AdamMoments {
  Tensor m;  ///< exp_avg
  Tensor v;  ///< exp_avg_sq
};

/// For each parameter, with s = gradient_scale, as torch.optim.Adam and AdamW:
///   g = s*dw + weight_decay*w, or, decoupled, w = w - lr*weight_decay*w and g = s*dw;
///   m = m + (1 - beta1)*(g - m),  v = beta2*v + (1 - beta2)*g^2,
///   w = w - lr/(1 - beta1^t) * m / (sqrt(v)/sqrt(1 - beta2^t) + eps).
/// All are on one device; a GPU updates many of them in one launch.
void adam_step(std::vector<AdamParameter>& parameters, const AdamStep& step);

/// What kernels need of a step. Throws ShapeError, naming `op`, unless steps are counted from 1.
AdamCoefficients coefficients_of(const char* op, const AdamStep& step);

namespace cpu {
void adam_step(std::vector<AdamParameter>& parameters, const AdamCoefficients& coefficients);
}  // namespace cpu

namespace cuda {
void adam_step(std::vector<AdamParameter>& parameters, const AdamCoefficients& coefficients);
}  // namespace cuda

}  // namespace tern::kernels
