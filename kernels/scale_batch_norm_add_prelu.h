// The tail of a ternary block in one pass: scale, batch norm, residual connection, PReLU.
//
//   u = BN(scale * z) + shortcut,   y = u for u > 0, slope * u otherwise
//
// or, with the shifts of an RPReLU (kernels/prelu.h), u = BN(scale * z) + shortcut + before, and y + after.
//
// z (..., C), i16 or i32, is the output of the ternary convolution, scale (C) = 2 * alpha, shortcut f32 or
// bf16 of the shape of z, slope (C), y of the dtype of the shortcut. The terms are those of scale * z: mean
// and inv_std of the scaled values.
#pragma once

#include "tern/kernels/batch_norm_ternary.h"
#include "tern/kernels/prelu.h"

namespace tern::kernels {

/// Throws NumericError naming `layer` if a result is NaN or infinite (finite_check.h says when).
Tensor scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                  const Tensor& shortcut, const Tensor& slope, const std::string& layer,
                                  const PreluShifts& shifts = {});

/// The same with the channel_statistics of the result, equal to the bit, which a batch norm behind it asks
/// for: on a GPU from the same pass, which holds what they are of.
struct TailWithStatistics {
  Tensor y;
  ChannelStatistics statistics;
};
TailWithStatistics scale_batch_norm_add_prelu_with_statistics(const Tensor& z, const Tensor& scale,
                                                              const BatchNormTerms& terms,
                                                              const Tensor& shortcut, const Tensor& slope,
                                                              const std::string& layer,
                                                              const PreluShifts& shifts = {});

struct TailGradients {
  BatchNormGradients batch_norm;  // dx is dL/dz, the scale folded in, of the dtype of dy
  Tensor dshortcut;
  Tensor dslope;
};

/// Gradients for dy, of the dtype of the shortcut; scale is a constant. u is recomputed from z and shortcut.
/// That of `before`, which may be undefined, is dbeta.
/// `dy` may share its storage with the result dshortcut: it is overwritten if no other handle shares it.
TailGradients scale_batch_norm_add_prelu_backward(Tensor dy, const Tensor& z, const Tensor& scale,
                                                  const BatchNormTerms& terms, const Tensor& shortcut,
                                                  const Tensor& slope, const BatchStatistics& statistics,
                                                  const Tensor& before = {});
/// The same for the dy that batch_norm_ternary_backward_apply(dy) gives: the block behind begins with that
/// batch norm, of x = the result of this tail. On a GPU it is never stored, and x is computed again.
TailGradients scale_batch_norm_add_prelu_backward(BatchNormTernaryDx dy, const Tensor& z, const Tensor& scale,
                                                  const BatchNormTerms& terms, const Tensor& shortcut,
                                                  const Tensor& slope, const BatchStatistics& statistics);

namespace cpu {
void scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                const Tensor& shortcut, const Tensor& slope, const PreluShifts& shifts,
                                Tensor& y, std::int32_t* non_finite);
void scale_batch_norm_add_prelu_with_statistics(const Tensor& z, const Tensor& scale,
                                                const BatchNormTerms& terms, const Tensor& shortcut,
                                                const Tensor& slope, const PreluShifts& shifts,
                                                TailWithStatistics& result, std::int32_t* non_finite);
void scale_batch_norm_add_prelu_backward(const Tensor& dy, const Tensor& z, const Tensor& scale,
                                         const BatchNormTerms& terms, const Tensor& shortcut,
                                         const Tensor& slope, const BatchStatistics& statistics,
                                         const Tensor& before, TailGradients& gradients);
}  // namespace cpu

namespace cuda {
void scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                const Tensor& shortcut, const Tensor& slope, const PreluShifts& shifts,
                                Tensor& y, std::int32_t* non_finite);
void scale_batch_norm_add_prelu_with_statistics(const Tensor& z, const Tensor& scale,
                                                const BatchNormTerms& terms, const Tensor& shortcut,
                                                const Tensor& slope, const PreluShifts& shifts,
                                                TailWithStatistics& result, std::int32_t* non_finite);
void scale_batch_norm_add_prelu_backward(const Tensor& dy, const Tensor& z, const Tensor& scale,
                                         const BatchNormTerms& terms, const Tensor& shortcut,
                                         const Tensor& slope, const BatchStatistics& statistics,
                                         const Tensor& before, TailGradients& gradients);
void scale_batch_norm_add_prelu_backward_of_norm(const BatchNormTernaryDx& dy, const Tensor& z,
                                                 const Tensor& scale, const BatchNormTerms& terms,
                                                 const Tensor& shortcut, const Tensor& slope,
                                                 const BatchStatistics& statistics, TailGradients& gradients);
}  // namespace cuda

}  // namespace tern::kernels
