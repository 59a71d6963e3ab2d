// One step of stochastic gradient descent with momentum on one parameter, in place.
#pragma once

#include "core/tensor.h"

namespace tern::kernels {

struct SgdStep {
  float lr = 0;
  float momentum = 0;
  float weight_decay = 0;
  float gradient_scale = 1;
  bool nesterov = false;
};

/// With s = gradient_scale, as torch.optim.SGD (dampening 0):
///   g = s*dw + weight_decay*w,  b = momentum*b + g,  w = w - lr*(nesterov ? g + momentum*b : b).
/// w, dw and buffer (b) are f32 of the same shape. Without momentum the buffer is not used and may be
/// undefined. A buffer of zeros makes the first step's b = g, as PyTorch has it.
void sgd_step(Tensor& w, const Tensor& dw, Tensor& buffer, const SgdStep& step);

namespace cpu {
void sgd_step(Tensor& w, const Tensor& dw, Tensor& buffer, const SgdStep& step);
}  // namespace cpu

}  // namespace tern::kernels
