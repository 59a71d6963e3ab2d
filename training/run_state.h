// What a run needs besides the model to go on as if it had never stopped.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tern/core/tensor.h"
#include "tern/layers/named_tensors.h"

namespace tern {

/// Position and running sums of a training run. Orders, augmentation and learning rates are functions of the
/// seed and these counters, so that no other state exists.
struct RunProgress {
  std::int64_t epoch = 0;     // epochs finished
  std::int64_t batch = 0;     // batches of the current epoch that are done
  std::int64_t step = 0;      // optimiser steps since the beginning
  double loss_sum = 0;        // over the samples of the current epoch
  std::int64_t correct = 0;   // among them
  std::int64_t samples = 0;   // seen in the current epoch
  double best_accuracy = -1;  // of validation
  double seconds = 0;         // spent in the current epoch
  std::int64_t epochs_since_best = 0;

  /// Means over the samples of the current epoch; NaN before the first.
  double mean_loss() const { return loss_sum / static_cast<double>(samples); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(samples); }
};

struct RunState {
  RunProgress progress;
  std::map<std::string, Tensor> optimizer;
  std::map<std::string, Tensor> network;  // trained, where the model file has averages; else empty
  std::string metrics;                    // the text of metrics.csv; empty in files of older versions
};

/// The state file that belongs to a checkpoint after `epoch` whole epochs and `step` steps, beside it in
/// `folder`. The last step of an epoch has two: one before and one after the validation.
std::string state_path(const std::string& folder, std::int64_t epoch, std::int64_t step);

/// Writes the file atomically.
void save_run_state(const std::string& path, const RunProgress& progress, const NamedTensors& optimizer,
                    const NamedTensors& network = {}, const std::string& metrics = {});

/// Throws DataError if it is not such a file.
RunState load_run_state(const std::string& path);

/// Removes the other state files than `keep` from its folder.
void remove_other_states(const std::string& keep);

}  // namespace tern
