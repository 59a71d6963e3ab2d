// Gradient clipping by the global norm. Gradients are never modified, for their handles may be shared; the
// scale goes to Optimizer::step:
//
//   optimizer.step(lr, clip_scale(gradient_norm(parameters), max_norm));
#pragma once

#include "tern/layers/named_tensors.h"

namespace tern {

/// The L2 norm of all gradients together, accumulated in double in a fixed order; parameters without a
/// gradient count as zero. Throws NumericError naming the first parameter with a NaN or an infinity.
double gradient_norm(const NamedVariables& parameters);

/// The same in two parts, for whoever reads the sums from a GPU together with other numbers: the sum of
/// squares of each parameter's gradient, as kernels::sum_of_squares gives it, and the norm from them,
/// wherever they are. The first part waits for nothing.
Tensor gradient_sums_of_squares(const NamedVariables& parameters);
double gradient_norm(const NamedVariables& parameters, const Tensor& sums_of_squares);

/// The factor that brings gradients of this norm to at most `max_norm`: min(1, max_norm / (norm + 1e-6)), as
/// torch.nn.utils.clip_grad_norm_. Throws ConfigError unless max_norm is above 0.
double clip_scale(double norm, double max_norm);

}  // namespace tern
