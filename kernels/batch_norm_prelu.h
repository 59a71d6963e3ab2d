// Batch norm followed by a PReLU, and by a max pool: equal to the bit to max_pool2d(prelu(batch_norm(x))) and
// its backward. On a GPU in one pass over x, without the tensors in between.
#pragma once

#include "tern/kernels/batch_norm.h"
#include "tern/kernels/max_pool2d.h"

namespace tern::kernels {

/// prelu(batch_norm(x, terms), slope) of x f32 or bf16 (..., C), slope (C,). Throws NumericError naming
/// `layer` where a normalised value is NaN or infinite (finite_check.h says when).
Tensor batch_norm_prelu(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                        const std::string& layer);

struct BatchNormPreluGradients {
  BatchNormGradients batch_norm;
  Tensor dslope;  // f32 (C,)
};

/// Gradients for dy, of the dtype of x, which is overwritten if no other handle shares it. What the batch
/// norm gave is computed again.
BatchNormPreluGradients batch_norm_prelu_backward(Tensor dy, const Tensor& x, const BatchNormTerms& terms,
                                                  const Tensor& slope, const BatchStatistics& statistics);

/// max_pool2d of the result, for x (N, H, W, C). An error where a value that a window sees is NaN or infinite
/// before the PReLU.
struct BatchNormPreluPooled {
  MaxPool2dResult pooled;
  ChannelStatistics statistics;  // channel_statistics(pooled.y); undefined unless asked for
};
BatchNormPreluPooled batch_norm_prelu_max_pool2d(const Tensor& x, const BatchNormTerms& terms,
                                                 const Tensor& slope, const PoolWindow& window,
                                                 const std::string& layer, bool with_statistics);

/// Gradients for dy, of the shape of `argmax`.
BatchNormPreluGradients batch_norm_prelu_max_pool2d_backward(const Tensor& dy, const Tensor& argmax,
                                                             const Tensor& x, const BatchNormTerms& terms,
                                                             const Tensor& slope, const PoolWindow& window,
                                                             const BatchStatistics& statistics);

namespace cpu {
void batch_norm_prelu(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope, Tensor& y,
                      std::int32_t* non_finite);
void batch_norm_prelu_backward(Tensor dy, const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                               const BatchStatistics& statistics, BatchNormPreluGradients& gradients);
/// Writes the statistics if they are defined.
void batch_norm_prelu_max_pool2d(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                                 const PoolWindow& window, BatchNormPreluPooled& y, std::int32_t* non_finite);
void batch_norm_prelu_max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const Tensor& x,
                                          const BatchNormTerms& terms, const Tensor& slope,
                                          const PoolWindow& window, const BatchStatistics& statistics,
                                          BatchNormPreluGradients& gradients);
}  // namespace cpu

namespace cuda {
void batch_norm_prelu(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope, Tensor& y,
                      std::int32_t* non_finite);
void batch_norm_prelu_backward(Tensor dy, const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                               const BatchStatistics& statistics, BatchNormPreluGradients& gradients);
/// Writes the statistics if they are defined.
void batch_norm_prelu_max_pool2d(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                                 const PoolWindow& window, BatchNormPreluPooled& y, std::int32_t* non_finite);
void batch_norm_prelu_max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const Tensor& x,
                                          const BatchNormTerms& terms, const Tensor& slope,
                                          const PoolWindow& window, const BatchStatistics& statistics,
                                          BatchNormPreluGradients& gradients);
}  // namespace cuda

}  // namespace tern::kernels
