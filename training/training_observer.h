// What a Trainer tells whoever wants to show or record how training goes.
#pragma once

#include <cstdint>
#include <string>

#include "tern/training/evaluation.h"
#include "tern/training/metrics.h"
#include "tern/training/run_state.h"

namespace tern {

/// All functions do nothing unless overridden. An exception of one ends the training; nothing is lost by it
/// that a RunFolder has saved.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;

  /// An epoch begins, or goes on from progress.batch after a resumption.
  virtual void epoch_started(const RunProgress& /*progress*/) {}
  /// A step on `samples` samples is done; `progress` counts it.
  virtual void step_done(const RunProgress& /*progress*/, std::int64_t /*samples*/) {}
  /// Steps are not recorded as a CUDA graph, which they were to be; the training goes on without.
  virtual void graph_given_up(const std::string& /*reason*/) {}
  /// The validation after an epoch is the best so far; nothing of it is saved yet.
  virtual void best_epoch(const EpochMetrics& /*metrics*/, const Evaluation& /*validation*/) {}
  /// All batches are done and the validation, too, and saved where there is a run folder.
  virtual void epoch_done(const EpochMetrics& /*metrics*/) {}
  /// After epoch_done, if the epoch is in a run folder.
  virtual void epoch_saved(const EpochMetrics& /*metrics*/) {}
};

}  // namespace tern
