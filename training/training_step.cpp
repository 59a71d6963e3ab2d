#include "tern/training/training_step.h"

#include <cmath>

#include "tern/core/error.h"
#include "tern/core/readback.h"
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
  const NamedVariables parameters = network.named_parameters();
  const bool clip = options.gradient_clip > 0;
  const Tensor correct = kernels::count_correct_on_device(logits.value(), batch.labels, 1);
  const Tensor sums_of_squares = clip ? gradient_sums_of_squares(parameters) : Tensor();
  // The one wait for a GPU: it has all the work but the update, which needs the answers and is not waited
  // for.
  const std::vector<Tensor> read = to_host({finite.flags(), loss.value(), correct, sums_of_squares});
  finite.check(read[0]);
  const double loss_value = read[1].item();
  require<NumericError>(std::isfinite(loss_value), "fc: the loss is {}", loss_value);
  const double scale = clip ? clip_scale(gradient_norm(parameters, read[3]), options.gradient_clip) : 1;
  optimizer.step(options.lr, scale);
  return {loss_value, *read[2].data<std::int32_t>(), logits.value(), batch.labels.numel()};
}

}  // namespace tern
