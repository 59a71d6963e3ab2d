#include "tern/layers/functions/conv2d_batch_norm_prelu.h"

#include "tern/kernels/batch_norm.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/prelu.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/synchronised_batch_norm.h"

namespace tern {

Variable conv2d_batch_norm_prelu(const Variable& x, const Variable& w, const Conv2dParameters& parameters,
                                 BatchNormArguments a, const Variable& slope) {
  const Tensor factor = kernels::cast(w.value(), x.value().dtype());
  const Tensor convolved = kernels::conv2d(x.value(), factor, Tensor(), parameters);
  const kernels::BatchNormTerms terms = batch_norm_terms(convolved, Tensor(), a);
  Tensor y = kernels::prelu(kernels::batch_norm(convolved, terms, a.layer), slope.value());
  const bool needs_dx = x.requires_grad();
  return Tape::record(
      "conv2d_batch_norm_prelu", std::move(y), {x, w, a.gamma, a.beta, slope}, {{kind_of(x), x.value()}},
      [w = factor, slope = slope.value(), terms, parameters, needs_dx,
       statistics = statistics_for_backward(convolved, a.training),
       layer = a.layer](Tensor dy, const Saved& saved) {
        const Tensor& images = saved[0];
        const Tensor again = kernels::conv2d(images, w, Tensor(), parameters);
        auto prelu = kernels::prelu_backward(std::move(dy), kernels::batch_norm(again, terms, layer), slope);
        auto norm = kernels::batch_norm_backward(prelu.dx, again, terms, statistics);
        return std::vector<Tensor>{
            needs_dx ? kernels::conv2d_backward_data(norm.dx, w, images.shape(), parameters) : Tensor(),
            kernels::conv2d_backward_weights(norm.dx, images, w.shape(), parameters), std::move(norm.dgamma),
            std::move(norm.dbeta), std::move(prelu.dslope)};
      });
}

}  // namespace tern
