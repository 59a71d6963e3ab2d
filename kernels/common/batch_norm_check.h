// Argument and result checks shared by the batch norm and the fused operations that contain one.
#pragma once

#include <string>

#include "tern/kernels/batch_norm.h"
#include "tern/kernels/common/check_float.h"
#include "tern/kernels/finite_check.h"

namespace tern::kernels {

/// Throws ShapeError unless x is (..., C) with at least one row.
inline void check_rows(const char* op, const char* argument, const Tensor& x) {
  require<ShapeError>(x.defined() && x.shape().rank() >= 2, "{}: {} must have rows and channels", op,
                      argument);
  require<ShapeError>(x.numel() > 0, "{}: {} is {}; there is nothing to normalise", op, argument, x.shape());
}

/// Throws ShapeError unless there is one of each term for every channel.
inline void check_terms(const char* op, const BatchNormTerms& terms, std::int64_t channels) {
  check_per_channel(op, "mean", terms.mean, channels);
  check_per_channel(op, "inv_std", terms.inv_std, channels);
  check_per_channel(op, "gamma", terms.gamma, channels);
  check_per_channel(op, "beta", terms.beta, channels);
}

/// Throws ShapeError unless x is f32 or bf16 (..., C) with at least one row and fits the terms.
inline void check_normalisation(const char* op, const Tensor& x, const BatchNormTerms& terms) {
  check_rows(op, "x", x);
  check_float(op, "x", x, x.shape().rank());
  check_terms(op, terms, x.dim(-1));
}

/// The flag that a kernel sets if a result in the memory of `device` is NaN or infinite.
inline FiniteCheck finite_check_of_layer(Device device, const std::string& layer) {
  return {device, layer + ": the normalised activations hold NaN or infinity"};
}

}  // namespace tern::kernels
