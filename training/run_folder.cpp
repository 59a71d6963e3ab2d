#include "tern/training/run_folder.h"

#include <filesystem>
#include <utility>

#include "tern/core/atomic_file.h"
#include "tern/core/error.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/weight_layout.h"
#include "tern/models/model_file.h"
#include "tern/models/zero_fractions.h"

namespace tern {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLast = "last.safetensors";
constexpr const char* kBest = "best.safetensors";
constexpr const char* kStepKey = "step";

std::vector<std::string> ternary_layer_names(const Module& network) {
  std::vector<std::string> names;
  for (const LayerZeros& layer : zero_fractions(network)) names.push_back(layer.name);
  return names;
}

/// The state of the run belongs to the step that the model file names.
std::string step_of(const std::string& model_path) {
  const SafetensorsFile file = SafetensorsFile::open(model_path);
  const auto step = file.metadata().find(kStepKey);
  require<DataError>(step != file.metadata().end(),
                     "{}: metadata \"step\" is missing; not a checkpoint of a run", model_path);
  return step->second;
}

}  // namespace

void write_state_dict(const std::string& path, const Module& network, const Metadata& position) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const StateEntry& entry : state_dict(network)) {
    const Tensor tensor = entry.tensor.to(Device{});
    tensors.emplace_back(entry.name, tensor.shape().rank() == 4 ? ohwi_to_oihw(tensor) : tensor);
  }
  write_safetensors(path, position, tensors);
}

RunFolder::Content RunFolder::content(const std::string& path) {
  if (fs::exists(fs::path(path) / kLast)) return Content::checkpoint;
  return fs::exists(fs::path(path) / "metrics.csv") ? Content::run_without_checkpoint : Content::nothing;
}

RunFolder::RunFolder(std::string path, RunStart start, RunFolderOptions options)
    : path_(std::move(path)), start_(start), options_(std::move(options)) {
  const Content found = content(path_);
  require<DataError>(
      start_ == RunStart::resume || found == Content::nothing, "{}: holds a training run already; {}", path_,
      found == Content::checkpoint ? "resume it or choose another folder"
                                   : "it ended before its first checkpoint: remove the folder");
  require<DataError>(start_ == RunStart::anew || found == Content::checkpoint,
                     "{}: there is no {} to resume from", path_, kLast);
  std::error_code error;
  fs::create_directories(path_, error);
  require<DataError>(!error, "{}: cannot create the output folder: {}", path_, error.message());
}

std::string RunFolder::last_model() const {
  return path_ + "/" + kLast;
}

RunProgress RunFolder::open(Module& network, Optimizer& optimizer, WeightAverage* average) {
  const bool resume = start_ == RunStart::resume;
  const RunProgress progress = resume ? restore(network, optimizer, average) : RunProgress{};
  if (!options_.config.empty()) write_file_atomically(fs::path(path_) / "config.json", options_.config);
  log_.emplace(path_, ternary_layer_names(network), resume ? std::optional(progress.step) : std::nullopt);
  return progress;
}

RunProgress RunFolder::restore(Module& network, Optimizer& optimizer, WeightAverage* average) const {
  const std::string path = path_ + "/state-" + step_of(last_model()) + ".safetensors";
  const RunState state = load_run_state(path);
  require<DataError>((average != nullptr) == !state.network.empty(),
                     "{}: the run was trained {} an average of its weights (training.ema_decay)", path,
                     state.network.empty() ? "without" : "with");
  load_weights(last_model(), network);
  optimizer.load_state(state.optimizer);
  if (average != nullptr) {
    average->load_state(state.network);
    average->swap();
  }
  return state.progress;
}

void RunFolder::save_model(const char* name, const Module& network, const RunProgress& progress) {
  const Metadata position{{"epoch", std::to_string(progress.epoch)},
                          {kStepKey, std::to_string(progress.step)}};
  options_.write_model(path_ + "/" + name, network, position);
}

void RunFolder::save_best(const Module& network, const RunProgress& progress) {
  save_model(kBest, network, progress);
}

void RunFolder::save_last(const Module& network, const Optimizer& optimizer, const RunProgress& progress,
                          const WeightAverage* average) {
  save_run_state(state_path(path_, progress.step), progress, optimizer.state(),
                 average != nullptr ? average->state() : NamedTensors{});
  save_model(kLast, network, progress);
  remove_old_states(path_, progress.step);
}

}  // namespace tern
