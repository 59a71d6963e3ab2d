// The training run of tern-train: data, network, optimiser, files and the loop over them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "tern/apps/config/train_config.h"
#include "tern/apps/console/progress.h"
#include "tern/apps/inputs/model_metadata.h"
#include "tern/data/loader.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"
#include "tern/layers/optim/schedule.h"
#include "tern/models/resnet_config.h"
#include "tern/training/evaluation.h"
#include "tern/training/metrics.h"
#include "tern/training/run_log.h"
#include "tern/training/run_state.h"

namespace tern {

/// Writes to the folder config.output:
///   config.json, log.jsonl, metrics.csv, report.html
///   last.safetensors, best.safetensors     model files (see models/model_file.h)
///   state-<step>.safetensors               optimiser and position, for the last.safetensors of that step
/// The state is written before the model that it belongs to, and older ones are removed after: whenever the
/// run is killed, the last.safetensors that is there has its state.
class Trainer {
 public:
  /// Opens the data sets and makes or, with `resume`, loads the network. Throws DataError if the output
  /// folder holds a run already and `resume` is false, or none and `resume` is true.
  Trainer(const TrainConfig& config, bool resume);
  ~Trainer();

  /// Trains until the last epoch is done (true), or until stop_requested(), after saving (false). Throws
  /// NumericError naming step and layer at a NaN; the files of the last checkpoint stay as they are.
  bool run();

 private:
  void resume_from_last();
  void check_classes() const;
  bool train_epoch();
  void train_step(const Batch& batch);
  Variable loss_of(const Variable& logits, const Batch& batch);
  EpochMetrics epoch_metrics(const Evaluation& validation) const;
  void report_bad_images();
  void finish_epoch();
  void save(const std::string& name);
  void save_last();
  double current_learning_rate() const;
  std::vector<double> zero_fractions() const;

  TrainConfig config_;
  Device device_;
  ResNetConfig network_config_;
  std::unique_ptr<Dataset> training_set_;
  std::unique_ptr<Dataset> validation_set_;
  std::unique_ptr<Loader> training_loader_;
  std::unique_ptr<Loader> validation_loader_;
  std::unique_ptr<Module> network_;
  std::unique_ptr<Module> teacher_;
  std::unique_ptr<Optimizer> optimizer_;
  ScheduleConfig schedule_;
  RunProgress progress_;
  std::array<std::int64_t, 2> reported_bad_images_{};  // of training and validation
  std::unique_ptr<RunLog> log_;
  std::unique_ptr<Progress> display_;
};

}  // namespace tern
