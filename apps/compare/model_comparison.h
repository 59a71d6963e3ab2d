#pragma once

#include <string>

#include "tern/models/model_file.h"
#include "tern/training/evaluation.h"

namespace tern {

/// A model with where it came from and how it did.
struct EvaluatedModel {
  std::string path;
  const LoadedModel* model;
  Evaluation evaluation;
  std::vector<float> logits;
};

/// A short table of a pair network and its merged form: accuracy, whether the logits are equal to the bit,
/// zeros per layer, and what the files take beside the same network in 32-bit floats.
std::string comparison_table(const EvaluatedModel& first, const EvaluatedModel& second);

}  // namespace tern
