#include "tern/apps/config/resume_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tern/apps/inputs/class_names.h"
#include "tern/core/dotted_path.h"
#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/core/strict_json.h"

namespace tern {
namespace {

constexpr const char* kConfig = "config";
constexpr const char* kData = "run_data";
constexpr const char* kClasses = "class_names";

struct Difference {
  std::string key, text;
  bool can_be_forced = true;
};

bool is_in(std::string_view key, std::string_view section) {
  return key == section ||
         (key.starts_with(section) && key.size() > section.size() && key[section.size()] == '.');
}

template <class Sections>
bool is_in_any(std::string_view key, const Sections& sections) {
  return std::any_of(std::begin(sections), std::end(sections),
                     [key](std::string_view section) { return is_in(key, section); });
}

// What may be another one from one resumption to the next. The model is compared when it is loaded, the
// samples by their checksum; what begins a run is of no use to one that goes on.
constexpr std::string_view kFree[] = {"output",
                                      "device",
                                      "threads",
                                      "data.path",
                                      "data.train",
                                      "data.validation",
                                      "data.path_column",
                                      "data.label_column",
                                      "data.workers",
                                      "data.cache_mb",
                                      "data.bad_images",
                                      "data.validation_bad_images",
                                      "data.check_images",
                                      "data.max_megapixels",
                                      "model",
                                      "init",
                                      "training.epochs",
                                      "training.patience",
                                      "training.cuda_graph",
                                      "training.weight_gradient",  // of the model
                                      "optimizer.lr",
                                      "log",
                                      "checkpoint",
                                      "distributed"};

// The position within the run is counted in steps, the optimiser's state is that of its kind, and the first
// filters have as many channels as the images.
constexpr std::string_view kFixed[] = {"training.batch_size", "training.ema_decay", "optimizer.name",
                                       "input.channels"};

// Objects that are one value: their members have no defaults.
constexpr std::string_view kWhole[] = {"training.class_weights", "training.teacher_model"};

void flatten(const Json& value, const std::string& path, std::map<std::string, Json>& fields) {
  if (!value.is_object() || std::find(std::begin(kWhole), std::end(kWhole), path) != std::end(kWhole)) {
    fields[path] = value;
    return;
  }
  for (const auto& [key, member] : value.items()) flatten(member, join_path(path, key), fields);
}

std::map<std::string, Json> fields_of(const std::string& config) {
  std::map<std::string, Json> fields;
  flatten(Json::parse(config), "", fields);
  return fields;
}

std::vector<Difference> config_differences(const std::string& before, const TrainConfig& config) {
  const std::map<std::string, Json> then = fields_of(before), now = fields_of(to_json(config)),
                                    defaults = fields_of(to_json(TrainConfig{}));
  std::vector<Difference> differences;
  for (const auto& [key, value] : now) {
    if (is_in_any(key, kFree)) continue;
    const auto found = then.find(key), fallback = defaults.find(key);
    const Json& old = found != then.end()          ? found->second
                      : fallback != defaults.end() ? fallback->second
                                                   : Json();
    if (old == value) continue;
    differences.push_back(
        {key, fmt::format("{} then, {} now", quoted_json(old), quoted_json(value)), !is_in_any(key, kFixed)});
  }
  return differences;
}

Json describe(const Dataset& dataset) {
  return {{"images", dataset.size()}, {"checksum", fmt::format("{:08x}", dataset.fingerprint())}};
}

void compare_data(const Json& then, const Dataset& dataset, const std::string& key, std::int64_t batch_size,
                  std::vector<Difference>& differences) {
  const Json now = describe(dataset);
  if (then == now) return;
  const auto images = then.value("images", std::int64_t{0});
  const bool same_steps = batch_size == 0 || images / batch_size == dataset.size() / batch_size;
  differences.push_back(
      {key,
       fmt::format("{} images of checksum {} then, {} of {} now", images, then.value("checksum", ""),
                   dataset.size(), now.at("checksum").get<std::string>()),
       same_steps});
}

std::vector<Difference> all_differences(const Metadata& metadata, const TrainConfig& config,
                                        const Dataset& training, const Dataset& validation) {
  std::vector<Difference> differences;
  if (const auto classes = metadata.find(kClasses); classes != metadata.end()) {
    const auto then = Json::parse(classes->second).get<std::vector<std::string>>();
    const std::string text =
        describe_class_difference(then, "the checkpoint", training.class_names(), "the data");
    const bool same_number = then.size() == training.class_names().size();
    if (!text.empty()) differences.push_back({"classes", text, same_number});
  }
  if (const auto data = metadata.find(kData); data != metadata.end()) {
    const Json then = Json::parse(data->second);
    compare_data(then.at("training"), training, "data.train", config.training.batch_size, differences);
    compare_data(then.at("validation"), validation, "data.validation", 0, differences);
  }
  if (const auto before = metadata.find(kConfig); before != metadata.end()) {
    for (Difference& difference : config_differences(before->second, config)) {
      differences.push_back(std::move(difference));
    }
  }
  return differences;
}

}  // namespace

void add_run_record(Metadata& metadata, const TrainConfig& config, const Dataset& training,
                    const Dataset& validation) {
  metadata[kConfig] = to_json(config);
  metadata[kData] = Json{{"training", describe(training)}, {"validation", describe(validation)}}.dump();
}

void check_resume(const Metadata& metadata, const std::string& path, const TrainConfig& config,
                  const Dataset& training, const Dataset& validation,
                  const std::vector<std::string>& forced) {
  std::vector<Difference> differences;
  try {
    differences = all_differences(metadata, config, training, validation);
  } catch (const Json::exception& error) {
    throw DataError(fmt::format("{}: its metadata is not that of a run: {}", path, error.what()));
  }
  std::string text, keys;
  for (const Difference& difference : differences) {
    if (difference.can_be_forced && is_in_any(difference.key, forced)) continue;
    text +=
        fmt::format("\n  {}: {}{}", difference.key, difference.text,
                    difference.can_be_forced ? "" : " (cannot be forced: start a new run, see init.from)");
    if (difference.can_be_forced) keys += " --force " + difference.key;
  }
  require<ConfigError>(text.empty(), "{}: the run was begun with other values:{}{}", path, text,
                       keys.empty() ? "" : "\nto go on with those of now, give" + keys);
}

}  // namespace tern
