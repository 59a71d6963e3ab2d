// Batch norm followed by the ternary activation, in one pass over x: equal to the bit to
// ternary_activation(batch_norm(x)) and its backward, without the tensor in between.
#pragma once

#include "kernels/batch_norm.h"

namespace tern::kernels {

/// {-1, 0, +1} as f32, of the shape of x. Throws NumericError naming `layer` where a normalised value is NaN
/// or infinite: a NaN must not become a 0 or 1 unnoticed.
Tensor batch_norm_ternary(const Tensor& x, const BatchNormTerms& terms, const std::string& layer);

/// Gradients for dy, the gradient of the ternary output. The straight-through mask [|t| <= 1] is recomputed
/// from x.
BatchNormGradients batch_norm_ternary_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                               bool batch_statistics);

namespace cpu {
bool batch_norm_ternary(const Tensor& x, const BatchNormTerms& terms, Tensor& y);
void batch_norm_ternary_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                 bool batch_statistics, BatchNormGradients& gradients);
}  // namespace cpu

}  // namespace tern::kernels
