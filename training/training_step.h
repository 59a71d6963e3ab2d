// One step of training, for the Trainer and for loops of one's own.
#pragma once

#include <cstdint>

#include "tern/data/batch_builder.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"
#include "tern/training/loss.h"
#include "tern/training/step_graph.h"

namespace tern {

struct StepOptions {
  double lr = 0;
  double gradient_clip = 0;  ///< Largest L2 norm of all gradients together; 0 does not clip.
};

struct StepResult {
  double loss = 0;
  std::int64_t correct = 0;  ///< Samples whose label has the largest logit.
  Tensor logits;             ///< (N, classes), before the update; a graph's next step overwrites them.
  std::int64_t samples = 0;
};

/// Forward, loss, backward, update. The host waits for a GPU once, before it queues the update: for the loss,
/// the count, what the layers found that is not finite, and the norm if gradients are clipped. Throws
/// NumericError naming the layer where a value is not finite, before any weight has changed. With `graph`,
/// one of this network, a GPU is given all up to the wait by one launch; the bits are the same.
StepResult training_step(Module& network, Optimizer& optimizer, const Batch& batch, const Loss& loss,
                         const StepOptions& options, StepGraph* graph = nullptr);

}  // namespace tern
