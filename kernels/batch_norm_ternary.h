// Batch norm followed by the ternary activation, in one pass over x: equal to the bit to
// ternary_activation(batch_norm(x)) and its backward, without the tensor in between.
#pragma once

#include "tern/core/packed_ternary.h"
#include "tern/kernels/batch_norm.h"

namespace tern::kernels {

struct TernaryActivations {
  Tensor values;  // i8 in {-1, 0, +1}, of the shape of x: what the convolution reads
  PackedTernary
      packed;  // the same values, two bits each, saved for the weight gradient; undefined unless asked for
};

/// The same pass packs the result if `pack` asks for it. Throws NumericError naming `layer` where a
/// normalised value is NaN or infinite (finite_check.h says when): a NaN must not become a 0 or 1 unnoticed.
TernaryActivations batch_norm_ternary(const Tensor& x, const BatchNormTerms& terms, const std::string& layer,
                                      bool pack);

/// Gradients for dy, the gradient of the ternary output. The straight-through mask [|t| <= 1] is
/// recomputed from x: the batch norm needs x in any case, so that a stored mask would only cost memory.
/// `addend` is that of batch_norm_backward.
BatchNormGradients batch_norm_ternary_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                               const BatchStatistics& statistics, const Tensor& addend = {});

/// The same in its two passes: the second can become a part of what reads dx
/// (scale_batch_norm_add_prelu.h). What the second one takes:
struct BatchNormTernaryDx {
  Tensor dy, x;
  BatchNormTerms terms;
  Tensor means;  // (2, C) f32, of the first pass
  Tensor addend;
};
struct BatchNormTernarySums {
  Tensor dgamma, dbeta, means;
};
BatchNormTernarySums batch_norm_ternary_backward_sums(const Tensor& dy, const Tensor& x,
                                                      const BatchNormTerms& terms,
                                                      const BatchStatistics& statistics);
/// dx
Tensor batch_norm_ternary_backward_apply(const BatchNormTernaryDx& of);

namespace cpu {
/// Packs if y.packed is defined.
void batch_norm_ternary(const Tensor& x, const BatchNormTerms& terms, TernaryActivations& y,
                        std::int32_t* non_finite);
/// Leaves gradients.dx alone.
void batch_norm_ternary_backward_sums(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                      const BatchStatistics& statistics, BatchNormGradients& gradients,
                                      Tensor& means);
void batch_norm_ternary_backward_apply(const BatchNormTernaryDx& of, Tensor& dx);
}  // namespace cpu

namespace cuda {
void batch_norm_ternary(const Tensor& x, const BatchNormTerms& terms, TernaryActivations& y,
                        std::int32_t* non_finite);
/// Leaves gradients.dx alone.
void batch_norm_ternary_backward_sums(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                      const BatchStatistics& statistics, BatchNormGradients& gradients,
                                      Tensor& means);
void batch_norm_ternary_backward_apply(const BatchNormTernaryDx& of, Tensor& dx);
}  // namespace cuda

}  // namespace tern::kernels
