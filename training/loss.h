// Losses as a training step takes them.
#pragma once

#include <functional>
#include <vector>

#include "tern/data/batch_builder.h"
#include "tern/data/dataset.h"
#include "tern/layers/autograd/variable.h"
#include "tern/layers/module.h"

namespace tern {

/// The loss of a batch, a scalar, from the logits (N, classes) of its images. Gradients are recorded while it
/// runs; what needs none goes under a NoGrad.
using Loss = std::function<Variable(const Variable& logits, const Batch& batch)>;

/// Mean cross entropy with the labels of the batch (see layers/functions/softmax_cross_entropy.h); of mixed
/// images with both labels, by their shares. `class_weights` f32 (classes,), on the device of the batches,
/// make it a weighted mean; undefined: all classes count the same. A shard of a batch divides by the weights
/// of its own labels.
Loss cross_entropy_loss(float label_smoothing = 0, Tensor class_weights = {});

/// n / (k n_c) for each class, of the n samples of `dataset` and its k classes, n_c samples each: classes
/// count the same whatever their number of samples. Throws DataError naming a class without any.
std::vector<float> balanced_class_weights(const Dataset& dataset);

/// Mean cross entropy with the softmax of the teacher's logits for the same images, both at `temperature`
/// (see layers/functions/distillation_loss.h); the labels are not used. `teacher` must outlive the loss; it
/// runs in the mode that it is in.
Loss teacher_loss(Module& teacher, float temperature = 1);

/// weight * first + (1 - weight) * second, such as of a teacher and of labels.
Loss mixed_loss(float weight, Loss first, Loss second);

}  // namespace tern
