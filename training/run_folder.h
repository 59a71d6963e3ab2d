// The folder of a training run:
//
//   config.json                        what the run was asked for, where its program says so
//   log.jsonl, metrics.csv             see run_log.h
//   last.safetensors, best.safetensors model files, after the last checkpoint and the best epoch
//   events.out.tfevents.tern           TensorBoard's, if it is asked for: event_file.h
//   state-<epoch>-<step>.safetensors   optimiser, position, metrics and, where the models hold averages,
//                                      trained weights that belong to that last.safetensors
//   run.lock                           while a process uses the folder: FileLock
//
// The state is written before the model that it belongs to, and older ones are removed after: whenever the
// program is killed, the last.safetensors that is there has its state. A new run begins with a checkpoint of
// step 0, so that it can be resumed from then on. What was written after the last checkpoint is cut off or
// written anew when the run is resumed.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tern/core/file_lock.h"
#include "tern/core/safetensors.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"
#include "tern/training/event_file.h"
#include "tern/training/run_log.h"
#include "tern/training/run_state.h"
#include "tern/training/training_step.h"
#include "tern/training/weight_average.h"

namespace tern {

/// Writes `network` atomically to the file `path`, with `position` ("epoch" and "step") in its metadata.
using ModelWriter =
    std::function<void(const std::string& path, const Module& network, const Metadata& position)>;

/// Writes parameters and buffers alone, by their names and in PyTorch's layout: enough to resume any module,
/// and PyTorch loads it, but load_model() does not, for it does not say what the network is.
void write_state_dict(const std::string& path, const Module& network, const Metadata& position);

enum class RunStart { anew, resume };

struct RunFolderOptions {
  std::string config = {};  ///< The text of config.json; empty: no such file.
  ModelWriter write_model = write_state_dict;
  bool tensorboard = false;  ///< Write TensorBoard's event file, too.
};

class RunFolder {
 public:
  /// Whether the folder `path` has a checkpoint to resume from.
  static bool has_checkpoint(const std::string& path);

  /// Makes the folder and locks it against other runs. Throws DataError if another one holds it; if it has a
  /// checkpoint, or files that a run would overwrite, and `start` is `anew`; if it has no checkpoint and
  /// `start` is `resume`; or if it cannot be made.
  explicit RunFolder(std::string path, RunStart start = RunStart::anew, RunFolderOptions options = {});

  /// To be called once, before the first step: for a resumption overwrites network and optimiser with the
  /// last checkpoint, else writes the first one; then writes config.json and opens the log. Returns where the
  /// run stands. `average` is that of the network, null if the run has none. Throws DataError if the
  /// checkpoint does not fit, having written nothing, or if a file cannot be written.
  RunProgress open(Module& network, Optimizer& optimizer, WeightAverage* average = nullptr);

  const std::string& path() const { return path_; }
  /// The path of last.safetensors.
  std::string last_model() const;

  // After open().
  RunLog& log() { return log_.value(); }
  /// Writes a step to the log, with the means of the epoch so far, and to TensorBoard's file, by itself.
  void record_step(const RunProgress& progress, const StepResult& step, double lr);
  void save_best(const Module& network, const RunProgress& progress);
  /// The checkpoint to resume from. With an `average`, the network holds it (WithAverage).
  void save_last(const Module& network, const Optimizer& optimizer, const RunProgress& progress,
                 const WeightAverage* average = nullptr);
  /// All that belongs to the end of an epoch: the best model, if it `is_best`, the checkpoint, its metrics.
  void save_epoch(const Module& network, const Optimizer& optimizer, const RunProgress& progress,
                  const EpochMetrics& metrics, bool is_best, const WeightAverage* average = nullptr);

 private:
  std::string path_of_state() const;  // that belongs to last.safetensors
  void restore(const RunState& state, Module& network, Optimizer& optimizer, WeightAverage* average) const;
  void save_model(const char* name, const Module& network, const RunProgress& progress);

  std::string path_;
  RunStart start_;
  RunFolderOptions options_;
  std::optional<FileLock> lock_;
  std::optional<RunLog> log_;
  std::optional<EventFile> events_;
};

}  // namespace tern
