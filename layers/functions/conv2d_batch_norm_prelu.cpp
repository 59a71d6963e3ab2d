#include "tern/layers/functions/conv2d_batch_norm_prelu.h"

#include "tern/kernels/batch_norm_prelu.h"
#include "tern/kernels/cast.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/synchronised_batch_norm.h"

namespace tern {
namespace {

/// The convolution and what its backward needs.
struct Convolution {
  Convolution(const Variable& x, const Variable& w_, const Conv2dParameters& parameters_)
      : w(kernels::cast(w_.value(), x.value().dtype())),
        parameters(parameters_),
        needs_dx(x.requires_grad()) {}

  Tensor of(const Tensor& images) const { return kernels::conv2d(images, w, Tensor(), parameters); }

  /// In the order of the inputs x, w, gamma, beta, slope.
  std::vector<Tensor> gradients(const Tensor& images, kernels::BatchNormPreluGradients g) const {
    const Tensor& dy = g.batch_norm.dx;
    return {needs_dx ? kernels::conv2d_backward_data(dy, w, images.shape(), parameters) : Tensor(),
            kernels::conv2d_backward_weights(dy, images, w.shape(), parameters),
            std::move(g.batch_norm.dgamma), std::move(g.batch_norm.dbeta), std::move(g.dslope)};
  }

  Tensor w;
  Conv2dParameters parameters;
  bool needs_dx;
};

}  // namespace

Variable conv2d_batch_norm_prelu(const Variable& x, const Variable& w, const Conv2dParameters& parameters,
                                 BatchNormArguments a, const Variable& slope) {
  const Convolution convolution(x, w, parameters);
  const Tensor convolved = convolution.of(x.value());
  const kernels::BatchNormTerms terms = batch_norm_terms(convolved, Tensor(), a);
  Tensor y = kernels::batch_norm_prelu(convolved, terms, slope.value(), a.layer);
  return Tape::record(
      "conv2d_batch_norm_prelu", std::move(y), {x, w, a.gamma, a.beta, slope}, {{kind_of(x), x.value()}},
      [convolution, slope = slope.value(), terms,
       statistics = statistics_for_backward(convolved, a.training)](Tensor dy, const Saved& saved) {
        return convolution.gradients(
            saved[0], kernels::batch_norm_prelu_backward(std::move(dy), convolution.of(saved[0]), terms,
                                                         slope, statistics));
      });
}

Variable conv2d_batch_norm_prelu_max_pool2d(const Variable& x, const Variable& w,
                                            const Conv2dParameters& parameters, BatchNormArguments a,
                                            const Variable& slope, const kernels::PoolWindow& window) {
  const Convolution convolution(x, w, parameters);
  const Tensor convolved = convolution.of(x.value());
  const kernels::BatchNormTerms terms = batch_norm_terms(convolved, Tensor(), a);
  kernels::BatchNormPreluPooled result =
      kernels::batch_norm_prelu_max_pool2d(convolved, terms, slope.value(), window, a.layer, a.training);
  Variable y = Tape::record(
      "conv2d_batch_norm_prelu_max_pool2d", std::move(result.pooled.y), {x, w, a.gamma, a.beta, slope},
      {{kind_of(x), x.value()}, {SavedKind::index, std::move(result.pooled.argmax)}},
      [convolution, slope = slope.value(), terms, window,
       statistics = statistics_for_backward(convolved, a.training)](const Tensor& dy, const Saved& saved) {
        return convolution.gradients(
            saved[0], kernels::batch_norm_prelu_max_pool2d_backward(dy, saved[1], convolution.of(saved[0]),
                                                                    terms, slope, window, statistics));
      });
  Tape::keep_statistics(y, std::move(result.statistics));
  return y;
}

}  // namespace tern
