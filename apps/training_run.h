// The training run of tern-train: from its configuration to a Trainer with all its parts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tern/apps/config/train_config.h"
#include "tern/apps/training_display.h"
#include "tern/data/loader.h"
#include "tern/distributed/process_group.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"
#include "tern/models/registry.h"
#include "tern/training/run_folder.h"
#include "tern/training/trainer.h"

namespace tern {

/// Writes to the folder config.output: what a RunFolder holds, and report.html.
class TrainingRun {
 public:
  /// Opens the data sets, says on stderr what they hold, checks them, and makes or, with `resume`, loads the
  /// network. Throws DataError if the output folder holds a run already and `resume` is false, or none and
  /// `resume` is true, and ConfigError if that run was begun with other values than those of `config`, but
  /// for the keys of `forced` (resume_check.h). Of the processes of `group`, which must outlive this, rank 0
  /// checks the images, has the folder and shows the progress.
  TrainingRun(const TrainConfig& config, bool resume, const std::vector<std::string>& forced,
              ProcessGroup& group);

  /// Trains until the last epoch is done (true), or until stop_requested(), after saving (false). Throws
  /// NumericError naming step and layer at a NaN; the files of the last checkpoint stay as they are.
  bool run();

 private:
  void set_up(bool resume, const std::vector<std::string>& forced);
  void make_trainer();
  void check_classes() const;
  /// That all processes train on the same.
  void check_equal() const;
  void message(const std::string& text);
  void check_images() const;
  void check_last_model(const std::vector<std::string>& forced) const;
  void open_folder(bool resume, const std::vector<std::string>& forced);
  void start_from_checkpoint();
  TrainerOptions trainer_options() const;
  Loss loss() const;

  TrainConfig config_;
  ProcessGroup& group_;
  Device device_;
  NetworkConfig network_config_;
  std::unique_ptr<Dataset> training_set_;
  std::unique_ptr<Dataset> validation_set_;
  std::unique_ptr<Loader> training_loader_;
  std::unique_ptr<Loader> validation_loader_;
  std::unique_ptr<Module> network_;
  std::unique_ptr<Module> teacher_;
  std::unique_ptr<Optimizer> optimizer_;
  Tensor class_weights_;  // undefined: all the same
  std::optional<RunFolder> folder_;
  std::optional<TrainingDisplay> display_;
  std::optional<Trainer> trainer_;
  std::vector<std::string> start_messages_;  // of what the network starts from
};

}  // namespace tern
