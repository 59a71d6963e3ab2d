// Losses as a training step takes them.
#pragma once

#include <functional>

#include "tern/data/batch_builder.h"
#include "tern/layers/autograd/variable.h"
#include "tern/layers/module.h"

namespace tern {

/// The loss of a batch, a scalar, from the logits (N, classes) of its images. Gradients are recorded while it
/// runs; what needs none goes under a NoGrad.
using Loss = std::function<Variable(const Variable& logits, const Batch& batch)>;

/// Mean cross entropy with the labels of the batch (see layers/functions/softmax_cross_entropy.h); of mixed
/// images with both labels, by their shares.
Loss cross_entropy_loss(float label_smoothing = 0);

/// Mean cross entropy with the softmax of the teacher's logits for the same images, both at `temperature`
/// (see layers/functions/distillation_loss.h); the labels are not used. `teacher` must outlive the loss; it
/// runs in the mode that it is in.
Loss teacher_loss(Module& teacher, float temperature = 1);

/// weight * first + (1 - weight) * second, such as of a teacher and of labels.
Loss mixed_loss(float weight, Loss first, Loss second);

}  // namespace tern
