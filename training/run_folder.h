// The folder of a training run:
//
//   config.json                        what the run was asked for, where its program says so
//   log.jsonl, metrics.csv             see run_log.h
//   last.safetensors, best.safetensors model files, after the last checkpoint and the best epoch
//   state-<step>.safetensors           optimiser, position and, where the models hold averages, trained
//                                      weights that belong to the last.safetensors of that step
//
// The state is written before the model that it belongs to, and older ones are removed after: whenever the
// program is killed, the last.safetensors that is there has its state.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tern/core/safetensors.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"
#include "tern/training/run_log.h"
#include "tern/training/run_state.h"
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
};

class RunFolder {
 public:
  enum class Content { nothing, run_without_checkpoint, checkpoint };
  /// What the folder `path` holds of a run.
  static Content content(const std::string& path);

  /// Makes the folder. Throws DataError if it holds a run already and `start` is `anew`, if it has no
  /// checkpoint and `start` is `resume`, or if it cannot be made.
  RunFolder(std::string path, RunStart start = RunStart::anew, RunFolderOptions options = {});

  /// To be called once, before the first step: for a resumption overwrites network and optimiser with the
  /// last checkpoint, then writes config.json and opens the log. Returns where the run stands. `average`
  /// is that of the network, null if the run has none. Throws DataError if the checkpoint does not fit,
  /// having written nothing, or if a file cannot be written.
  RunProgress open(Module& network, Optimizer& optimizer, WeightAverage* average = nullptr);

  const std::string& path() const { return path_; }
  /// The path of last.safetensors.
  std::string last_model() const;

  // After open().
  RunLog& log() { return log_.value(); }
  void save_best(const Module& network, const RunProgress& progress);
  /// The checkpoint to resume from. With an `average`, the network holds it (WithAverage).
  void save_last(const Module& network, const Optimizer& optimizer, const RunProgress& progress,
                 const WeightAverage* average = nullptr);

 private:
  RunProgress restore(Module& network, Optimizer& optimizer, WeightAverage* average) const;
  void save_model(const char* name, const Module& network, const RunProgress& progress);

  std::string path_;
  RunStart start_;
  RunFolderOptions options_;
  std::optional<RunLog> log_;
};

}  // namespace tern
