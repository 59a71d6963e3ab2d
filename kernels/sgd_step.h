// One step of stochastic gradient descent with momentum, in place.
#pragma once

#include <vector>

#include "tern/core/tensor.h"
#include "tern/kernels/common/sgd_formulas.h"

namespace tern::kernels {

/// A parameter, its gradient and its momentum: f32 of the same shape.
struct SgdParameter {
  Tensor w;
  Tensor dw;
  Tensor buffer;  ///< Not used without momentum, and may be undefined then.
};

/// For each parameter, with s = gradient_scale, as torch.optim.SGD (dampening 0):
///   g = s*dw + weight_decay*w,  b = momentum*b + g,  w = w - lr*(nesterov ? g + momentum*b : b).
/// A buffer (b) of zeros makes the first step's b = g, as in PyTorch. All are on one device; a GPU updates
/// many of them in one launch.
void sgd_step(std::vector<SgdParameter>& parameters, const SgdStep& step);

namespace cpu {
void sgd_step(std::vector<SgdParameter>& parameters, const SgdStep& step);
}  // namespace cpu

namespace cuda {
void sgd_step(std::vector<SgdParameter>& parameters, const SgdStep& step);
}  // namespace cuda

}  // namespace tern::kernels
