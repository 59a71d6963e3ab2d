#include "tern/apps/config/class_weights.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tern/core/error.h"
#include "tern/core/nearest_name.h"
#include "tern/core/quote.h"
#include "tern/core/strict_json.h"
#include "tern/training/loss.h"

namespace tern {
namespace {

constexpr const char* kField = "training.class_weights";

std::size_t index_of(const std::string& name, const std::vector<std::string>& classes) {
  const auto found = std::find(classes.begin(), classes.end(), name);
  const std::string nearest = found == classes.end() ? nearest_name(name, classes) : "";
  require<ConfigError>(found != classes.end(), "{}: {} is no class of the training images{}", kField,
                       quote(name), nearest.empty() ? "" : fmt::format("; did you mean {}?", quote(nearest)));
  return static_cast<std::size_t>(found - classes.begin());
}

std::vector<float> named_weights(const Json& weights, const std::vector<std::string>& classes) {
  std::vector<float> result(classes.size(), 1.0F);
  for (const auto& [name, weight] : weights.items()) {
    const float value = weight.is_number() ? weight.get<float>() : 0.0F;
    require<ConfigError>(value > 0 && std::isfinite(value), "{}: {}: expected a number above 0, got {}",
                         kField, quote(name), quoted_json(weight));
    result[index_of(name, classes)] = value;
  }
  return result;
}

}  // namespace

Tensor class_weights(const TrainingSection& training, const Dataset& images) {
  if (!training.class_weights.is_given()) return {};
  const Json json = Json::parse(training.class_weights.text);
  const bool balanced = json == "balanced";
  require<ConfigError>(balanced || json.is_object(),
                       "{}: expected \"balanced\" or an object of weights by class, got {}", kField,
                       quoted_json(json));
  const std::vector<float> weights =
      balanced ? balanced_class_weights(images) : named_weights(json, images.class_names());
  return Tensor::from<float>({static_cast<std::int64_t>(weights.size())}, weights);
}

}  // namespace tern
