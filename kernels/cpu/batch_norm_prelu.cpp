#include "tern/kernels/batch_norm_prelu.h"

#include "tern/kernels/prelu.h"

namespace tern::kernels::cpu {

void batch_norm_prelu(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope, Tensor& y,
                      std::int32_t* non_finite) {
  Tensor normalised = Tensor::empty_like(x);
  batch_norm(x, terms, normalised, non_finite);
  prelu(normalised, slope, {}, y);
}

void batch_norm_prelu_backward(Tensor dy, const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                               const BatchStatistics& statistics, BatchNormPreluGradients& gradients) {
  Tensor normalised = Tensor::empty_like(x);
  std::int32_t non_finite = 0;
  batch_norm(x, terms, normalised, &non_finite);
  Tensor g = dy.unique() ? dy : Tensor::empty_like(x);
  prelu_backward(dy, normalised, slope, Tensor(), g, gradients.dslope);
  batch_norm_backward(g, x, terms, statistics, Tensor(), gradients.batch_norm);
}

void batch_norm_prelu_max_pool2d(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                                 const PoolWindow& window, BatchNormPreluPooled& y,
                                 std::int32_t* non_finite) {
  Tensor activated = Tensor::empty_like(x);
  batch_norm_prelu(x, terms, slope, activated, non_finite);
  max_pool2d(activated, window, y.pooled.y, y.pooled.argmax);
  if (y.statistics.mean.defined()) {
    channel_statistics(y.pooled.y, y.statistics.mean, y.statistics.variance);
  }
}

void batch_norm_prelu_max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const Tensor& x,
                                          const BatchNormTerms& terms, const Tensor& slope,
                                          const PoolWindow& window, const BatchStatistics& statistics,
                                          BatchNormPreluGradients& gradients) {
  Tensor spread = Tensor::empty_like(x);
  max_pool2d_backward(dy, argmax, window, spread);
  batch_norm_prelu_backward(std::move(spread), x, terms, slope, statistics, gradients);
}

}  // namespace tern::kernels::cpu
