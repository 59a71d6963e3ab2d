// One step of training, which the trainer and the measurement of its speed have in common.
#pragma once

#include <functional>

#include "tern/layers/autograd/variable.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"

namespace tern {

struct StepOptions {
  double lr = 0;
  double gradient_clip = 0;  ///< Largest L2 norm of all gradients together; 0 does not clip.
};

struct StepResult {
  double loss = 0;
  Tensor logits;
};

/// Forward, loss, backward, update. `loss_of` turns logits into the loss. Throws NumericError naming the
/// layer where a value is not finite, before any weight has changed.
StepResult training_step(Module& network, Optimizer& optimizer, const Tensor& images,
                         const std::function<Variable(const Variable&)>& loss_of, const StepOptions& options);

}  // namespace tern
