// Trainer: the loop over epochs and batches, given all that takes part in it.
//
//   Adam optimizer(network.named_parameters(), {});
//   Trainer trainer({network, optimizer, training, validation}, {.epochs = 10, .lr = 0.005});
//   trainer.run();
//
// A loop of one's own is made of the same parts: training_step.h, evaluation.h, loss.h, run_folder.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "tern/data/loader.h"
#include "tern/distributed/process_group.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"
#include "tern/layers/optim/schedule.h"
#include "tern/training/evaluation.h"
#include "tern/training/loss.h"
#include "tern/training/metrics.h"
#include "tern/training/run_folder.h"
#include "tern/training/run_state.h"
#include "tern/training/sharded_step.h"
#include "tern/training/step_graph.h"
#include "tern/training/training_observer.h"
#include "tern/training/weight_average.h"

namespace tern {

/// All of them must outlive the trainer. The network is on the device of the loaders' batches.
struct TrainerParts {
  Module& network;
  Optimizer& optimizer;
  Loader& training;
  Loader& validation;
  Loss loss = cross_entropy_loss();
  TrainingObserver* observer = nullptr;
  RunFolder* folder = nullptr;  ///< Null: nothing is saved.
  /// Asked after every step and batch of the validation; true ends the training, after a checkpoint.
  std::function<bool()> stop = [] { return false; };
  /// Asked after every step; true writes a checkpoint, and the training goes on.
  std::function<bool()> save = [] { return false; };
  /// The processes that train together, each with the same parts; null: this one alone. Only rank 0 needs a
  /// folder. The loaders give each process its share: of `shards` equal shards of a training batch
  /// group->size() take as many each, of those of a validation batch one each (LoaderConfig::shards).
  ProcessGroup* group = nullptr;
};

struct TrainerOptions {
  std::int64_t epochs = 1;
  std::int64_t patience =
      0;              ///< Epochs without a better validation accuracy that end the training; 0: no end.
  double lr = 0.001;  ///< Where the schedule starts from.
  ScheduleConfig schedule = {.kind = ScheduleKind::constant};
  double gradient_clip = 0;  ///< Largest L2 norm of all gradients together; 0 does not clip.
  double ema_decay = 0;      ///< Of an average of the weights (weight_average.h); 0: none.
  std::int64_t shards = 1;   ///< Of a batch (sharded_step.h).
  BatchNormStatistics batch_norm = BatchNormStatistics::shard;
  /// On a GPU, the way of a batch forward and backward is recorded and launched as one (step_graph.h, which
  /// says for which networks). The bits are the same.
  bool cuda_graph = false;
  std::int64_t log_every_steps = 50;        ///< Steps between two lines of log.jsonl.
  std::int64_t checkpoint_every_steps = 0;  ///< Besides those at the end of each epoch; 0: none.
};

class Trainer {
 public:
  /// Opens the run folder, if there is one, which for a resumption overwrites network and optimiser: the
  /// initial weights are there before. All processes start from what rank 0 has. Throws what RunFolder::open
  /// throws, and ConfigError for a schedule that does not fit into the epochs or processes that cannot share
  /// out the shards.
  Trainer(const TrainerParts& parts, const TrainerOptions& options);

  /// Trains until the last epoch is done or patience has ended (true), or until `stop` says so, after saving
  /// (false). With an average of the weights it is this that is evaluated and saved, and what the network
  /// holds at the end. Throws NumericError naming epoch, step and layer at a NaN; the files of the last
  /// checkpoint stay as they are.
  bool run();

  /// Whether the training is at an end before its last epoch, for lack of a better validation accuracy.
  bool stopped_early() const {
    return options_.patience > 0 && progress_.epochs_since_best >= options_.patience &&
           progress_.epoch < options_.epochs;
  }
  /// Where the training stands.
  const RunProgress& progress() const { return progress_; }

 private:
  bool train_epoch();
  enum class Request { nothing, save, stop };

  StepResult train_step();
  Batch next_batch();
  void check_finite();
  Request agreed_request();
  bool finish_epoch();
  void save_last();
  StepGraph* graph() { return graph_ ? &*graph_ : nullptr; }
  WeightAverage* average() { return average_ ? &*average_ : nullptr; }
  EpochMetrics epoch_metrics(const Evaluation& validation) const;
  double learning_rate_at(std::int64_t step) const;

  TrainerParts parts_;
  TrainerOptions options_;
  TrainingObserver silent_;
  TrainingObserver& observer_;
  RunProgress progress_;
  std::int64_t saved_step_ = -1;  // of the last checkpoint
  std::optional<WeightAverage> average_;
  SingleProcess alone_;
  ProcessGroup& group_;
  std::optional<StepGraph> graph_;
  std::optional<ShardedStep> sharded_;  // null: a batch is one shard of this process alone
};

}  // namespace tern
