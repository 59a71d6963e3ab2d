#include "tern/training/training_step.h"

#include <cmath>

#include "tern/core/error.h"
#include "tern/kernels/count_correct.h"
#include "tern/kernels/finite_check.h"
#include "tern/layers/optim/clip.h"

namespace tern {

StepResult training_step(Module& network, Optimizer& optimizer, const Batch& batch, const Loss& loss_of,
                         const StepOptions& options) {
  network.clear_gradients();
  kernels::DeferredFiniteCheck finite;
  const Variable logits = network.forward(Variable(batch.images));
  const Variable loss = loss_of(logits, batch);
  loss.backward();
  // A GPU is not waited for before it has the work of the whole step.
  finite.check();
  const double loss_value = loss.value().item();
  require<NumericError>(std::isfinite(loss_value), "fc: the loss is {}", loss_value);
  double scale = 1;
  if (options.gradient_clip > 0) {
    scale = clip_scale(gradient_norm(network.named_parameters()), options.gradient_clip);
  }
  optimizer.step(options.lr, scale);
  return {loss_value, kernels::count_correct(logits.value(), batch.labels, 1), logits.value()};
}

}  // namespace tern
