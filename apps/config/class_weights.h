#pragma once

#include "tern/apps/config/train_config.h"
#include "tern/core/tensor.h"
#include "tern/data/dataset.h"

namespace tern {

/// What training.class_weights says, f32 (classes,) on the CPU, for the classes of the training images;
/// undefined if it is not given. Throws ConfigError for what is no weight or no class, and DataError for
/// balanced weights of a class without images.
Tensor class_weights(const TrainingSection& training, const Dataset& images);

}  // namespace tern
