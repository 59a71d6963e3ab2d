#include "tern/training/training_step.h"

#include "tern/layers/optim/clip.h"

namespace tern {

StepResult training_step(Module& network, Optimizer& optimizer, const Batch& batch, const Loss& loss,
                         const StepOptions& options, StepGraph* graph) {
  network.clear_gradients();
  const bool clip = options.gradient_clip > 0;
  const Backpropagation result =
      graph == nullptr ? backpropagate(network, batch, loss, clip) : graph->run(batch, loss, clip);
  // The one wait for a GPU: it has all the work but the update, which needs the answers and is not waited
  // for.
  const BackpropagatedNumbers numbers = read_numbers(result);
  const double scale = clip ? clip_scale(gradient_norm(network.named_parameters(), numbers.sums_of_squares),
                                         options.gradient_clip)
                            : 1;
  optimizer.step(options.lr, scale);
  return {numbers.loss, numbers.correct, result.logits, batch.labels.numel()};
}

}  // namespace tern
