#include "tern/training/run_state.h"

#include <bit>
#include <filesystem>

#include "tern/core/error.h"
#include "tern/core/safetensors.h"

namespace tern {
namespace {

constexpr const char* kFormat = "tern-run-state";
constexpr const char* kProgress = "progress";
constexpr const char* kMetrics = "metrics";
constexpr const char* kStatePrefix = "state-";

// All of the progress as 64-bit integers, doubles by their bits, so that a resumed run starts from the very
// sums.
std::vector<std::int64_t> to_words(const RunProgress& p) {
  return {p.epoch,
          p.batch,
          p.step,
          std::bit_cast<std::int64_t>(p.loss_sum),
          p.correct,
          p.samples,
          std::bit_cast<std::int64_t>(p.best_accuracy),
          std::bit_cast<std::int64_t>(p.seconds),
          p.epochs_since_best};
}

RunProgress from_words(const std::vector<std::int64_t>& words, const std::string& path) {
  // Older versions did not count the epochs since the best one.
  require<DataError>(words.size() == 8 || words.size() == 9, "{}: the progress has {} words, expected 9",
                     path, words.size());
  RunProgress p;
  p.epoch = words[0];
  p.batch = words[1];
  p.step = words[2];
  p.loss_sum = std::bit_cast<double>(words[3]);
  p.correct = words[4];
  p.samples = words[5];
  p.best_accuracy = std::bit_cast<double>(words[6]);
  p.seconds = std::bit_cast<double>(words[7]);
  if (words.size() > 8) p.epochs_since_best = words[8];
  return p;
}

constexpr const char* kOptimizerPrefix = "optimizer.";
constexpr const char* kNetworkPrefix = "network.";

std::map<std::string, Tensor> read_prefixed(const SafetensorsFile& file, const std::string& prefix) {
  std::map<std::string, Tensor> tensors;
  for (const std::string& name : file.names()) {
    if (name.starts_with(prefix)) tensors.emplace(name.substr(prefix.size()), file.read(name));
  }
  return tensors;
}

}  // namespace

std::string state_path(const std::string& folder, std::int64_t epoch, std::int64_t step) {
  return fmt::format("{}/{}{}-{}.safetensors", folder, kStatePrefix, epoch, step);
}

void save_run_state(const std::string& path, const RunProgress& progress, const NamedTensors& optimizer,
                    const NamedTensors& network, const std::string& metrics) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  const std::vector<std::int64_t> words = to_words(progress);
  tensors.emplace_back(kProgress, Tensor::from({static_cast<std::int64_t>(words.size())}, words));
  for (const auto& [name, tensor] : optimizer) tensors.emplace_back(kOptimizerPrefix + name, tensor);
  for (const auto& [name, tensor] : network) tensors.emplace_back(kNetworkPrefix + name, tensor);
  write_safetensors(path, {{"format", kFormat}, {kMetrics, metrics}}, tensors);
}

RunState load_run_state(const std::string& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  const auto format = file.metadata().find("format");
  require<DataError>(format != file.metadata().end() && format->second == kFormat,
                     "{}: not the state of a training run", path);
  RunState state;
  state.progress = from_words(file.read(kProgress).to_vector<std::int64_t>(), path);
  state.optimizer = read_prefixed(file, kOptimizerPrefix);
  state.network = read_prefixed(file, kNetworkPrefix);
  const auto metrics = file.metadata().find(kMetrics);
  if (metrics != file.metadata().end()) state.metrics = metrics->second;
  return state;
}

void remove_other_states(const std::string& keep) {
  namespace fs = std::filesystem;
  const fs::path kept = keep;
  std::error_code ignored;  // a leftover file does no harm
  for (const fs::directory_entry& entry : fs::directory_iterator(kept.parent_path(), ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kStatePrefix) && name != kept.filename()) fs::remove(entry.path(), ignored);
  }
}

}  // namespace tern
