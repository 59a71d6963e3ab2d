#pragma once

#include <string>

#include "tern/kernels/batch_norm_terms.h"
#include "tern/layers/functions/integer_variable.h"
#include "tern/layers/functions/ternary_variable.h"

namespace tern {

/// What a batch norm layer hands to the functions below. Handles: the running statistics are updated in
/// place.
struct BatchNormArguments {
  Variable gamma;
  Variable beta;
  kernels::RunningStatistics running;
  /// Batch statistics (and an update of the running ones), or the running statistics.
  bool training = true;
  /// Name in error messages.
  std::string layer = "batch_norm";
  /// A bias (C) of the layer before, folded into the mean; may be undefined. See kernels/batch_norm_terms.h.
  Tensor input_bias;
};

/// What the functions below compute first: the terms for x, or for scale * x where a scale (C) is defined. In
/// training they come from the statistics of x, if these or its channel_sums are there already by them, and
/// the running ones are updated.
kernels::BatchNormTerms batch_norm_terms(const Tensor& x, const Tensor& scale, BatchNormArguments& arguments,
                                         const Tensor& sums = {},
                                         const kernels::ChannelStatistics& known = {});

/// Batch norm over the last dimension of x (..., C). Throws NumericError naming the layer at NaN or infinity.
Variable batch_norm(const Variable& x, BatchNormArguments arguments);

/// ternary_activation(batch_norm(x)) in one pass, equal to the bit; packed too if the tape is recording.
TernaryVariable batch_norm_ternary(const Variable& x, BatchNormArguments arguments);

/// prelu(batch_norm(scale * z) + shortcut, slope) in one pass; z (..., C) integers, shortcut (..., C), scale,
/// slope (C), scale a constant. The tail of a ternary block; see kernels/scale_batch_norm_add_prelu.h.
Variable scale_batch_norm_add_prelu(const IntegerVariable& z, const Tensor& scale,
                                    BatchNormArguments arguments, const Variable& shortcut,
                                    const Variable& slope);

/// The same with rprelu (functions/prelu.h) in place of the PReLU.
Variable scale_batch_norm_add_rprelu(const IntegerVariable& z, const Tensor& scale,
                                     BatchNormArguments arguments, const Variable& shortcut,
                                     const Variable& slope, const Variable& shift, const Variable& bias);

}  // namespace tern
