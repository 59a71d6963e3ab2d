#include "tern/training/run_folder.h"

#include <charconv>
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
constexpr const char* kConfig = "config.json";

std::vector<std::string> ternary_layer_names(const Module& network) {
  std::vector<std::string> names;
  for (const LayerZeros& layer : zero_fractions(network)) names.push_back(layer.name);
  return names;
}

/// The state that belongs to a last.safetensors of this metadata.
std::string state_of(const std::string& folder, const Metadata& last) {
  const auto number = [&](const char* key) {
    const auto found = last.find(key);
    std::int64_t value = -1;
    if (found != last.end()) {
      const std::string& text = found->second;
      std::from_chars(text.data(), text.data() + text.size(), value);
    }
    require<DataError>(value >= 0, "{}/{}: metadata \"{}\" is missing; not a checkpoint of a run", folder,
                       kLast, key);
    return value;
  };
  const std::int64_t step = number("step");
  const std::string path = state_path(folder, number("epoch"), step);
  // Older versions left the epoch out of the name.
  const std::string old = fmt::format("{}/state-{}.safetensors", folder, step);
  return !fs::exists(path) && fs::exists(old) ? old : path;
}

/// A new run overwrites nothing; of one that was killed before its first checkpoint there is none of these.
void require_no_files_of_a_run(const std::string& folder) {
  for (const char* name :
       {kBest, kConfig, "log.jsonl", "metrics.csv", "confusion.csv", "report.html", kEventFileName}) {
    require<DataError>(!fs::exists(fs::symlink_status(fs::path(folder) / name)),
                       "{}: holds a {}, but no checkpoint to resume from; a run would overwrite it: choose "
                       "another folder, or move it away",
                       folder, name);
  }
}

/// What a killed process was writing.
void remove_temporary_files(const std::string& folder) {
  std::error_code ignored;  // a leftover file does no harm
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    const bool is_ours = name.starts_with("state-") || name.starts_with("last.") ||
                         name.starts_with("best.") || name.starts_with("config.") ||
                         name.starts_with("metrics.") || name.starts_with("confusion.") ||
                         name.starts_with("report.");
    if (is_ours && name.ends_with(".tmp")) fs::remove(entry.path(), ignored);
  }
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

bool RunFolder::has_checkpoint(const std::string& path) {
  return fs::exists(fs::path(path) / kLast);
}

RunFolder::RunFolder(std::string path, RunStart start, RunFolderOptions options)
    : path_(std::move(path)), start_(start), options_(std::move(options)) {
  const auto require_checkpoint = [this] {
    require<DataError>(start_ == RunStart::anew || has_checkpoint(path_),
                       "{}: there is no {} to resume from; start without resuming", path_, kLast);
  };
  require_checkpoint();  // first: nothing is made where there is nothing to resume
  std::error_code error;
  fs::create_directories(path_, error);
  require<DataError>(!error, "{}: cannot create the output folder: {}", path_, error.message());
  lock_.emplace(fs::path(path_) / "run.lock");
  require_checkpoint();
  if (start_ == RunStart::anew) {
    require<DataError>(!has_checkpoint(path_),
                       "{}: holds a training run already; resume it or choose another folder", path_);
    require_no_files_of_a_run(path_);
  }
  remove_temporary_files(path_);
}

std::string RunFolder::last_model() const {
  return path_ + "/" + kLast;
}

RunProgress RunFolder::open(Module& network, Optimizer& optimizer, WeightAverage* average) {
  const bool resume = start_ == RunStart::resume;
  const RunState state = resume ? load_run_state(path_of_state()) : RunState{};
  if (resume) {
    restore(state, network, optimizer, average);
  } else {
    save_last(network, optimizer, {}, average);
  }
  if (!options_.config.empty()) write_file_atomically(fs::path(path_) / kConfig, options_.config);
  log_.emplace(path_, ternary_layer_names(network),
               resume ? std::optional(state.progress.step) : std::nullopt, state.metrics);
  if (options_.tensorboard) {
    const std::vector<EpochMetrics>& epochs = log().metrics().epochs;
    events_.emplace(path_, state.progress.step, epochs.empty() ? 0 : epochs.back().step);
  }
  // Of a process that was killed between its checkpoint and their removal.
  if (resume) remove_other_states(path_of_state());
  return state.progress;
}

std::string RunFolder::path_of_state() const {
  return state_of(path_, SafetensorsFile::open(last_model()).metadata());
}

void RunFolder::restore(const RunState& state, Module& network, Optimizer& optimizer,
                        WeightAverage* average) const {
  require<DataError>((average != nullptr) == !state.network.empty(),
                     "{}: the run was trained {} an average of its weights (training.ema_decay)", path_,
                     state.network.empty() ? "without" : "with");
  load_weights(last_model(), network);
  optimizer.load_state(state.optimizer);
  if (average != nullptr) {
    average->load_state(state.network);
    average->swap();
  }
}

void RunFolder::save_model(const char* name, const Module& network, const RunProgress& progress) {
  const Metadata position{{"epoch", std::to_string(progress.epoch)}, {"step", std::to_string(progress.step)}};
  options_.write_model(path_ + "/" + name, network, position);
}

void RunFolder::record_step(const RunProgress& progress, const StepResult& step, double lr) {
  log().event("step", progress.step, {{"loss", progress.mean_loss()}, {"accuracy", progress.accuracy()}});
  if (!events_) return;
  events_->step(progress.step, step.loss,
                static_cast<double>(step.correct) / static_cast<double>(step.samples), lr);
}

void RunFolder::save_best(const Module& network, const RunProgress& progress) {
  save_model(kBest, network, progress);
}

void RunFolder::save_last(const Module& network, const Optimizer& optimizer, const RunProgress& progress,
                          const WeightAverage* average) {
  if (log_) log_->sync();
  if (events_) events_->sync();
  const Metrics metrics = log_ ? log_->metrics() : Metrics{ternary_layer_names(network), {}};
  const std::string state = state_path(path_, progress.epoch, progress.step);
  save_run_state(state, progress, optimizer.state(), average != nullptr ? average->state() : NamedTensors{},
                 metrics_csv_text(metrics));
  save_model(kLast, network, progress);
  remove_other_states(state);
}

void RunFolder::save_epoch(const Module& network, const Optimizer& optimizer, const RunProgress& progress,
                           const EpochMetrics& metrics, bool is_best, const WeightAverage* average) {
  log().add_epoch(metrics);
  if (events_) events_->epoch(metrics, log().metrics().layers, network);
  // First: a program killed before save_last repeats the validation, one killed after would not.
  if (is_best) save_best(network, progress);
  save_last(network, optimizer, progress, average);
  log().write_added_epochs();
  log().sync();
}

}  // namespace tern
