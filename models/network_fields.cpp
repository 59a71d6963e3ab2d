#include "tern/models/network_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tern/core/error.h"
#include "tern/core/nearest_name.h"

namespace tern {
namespace {

std::int64_t checked_integer(const std::string& key, const Json& value, std::int64_t low, std::int64_t high) {
  require<ConfigError>(value.is_number_integer(), "model.{}: expected an integer, got {}", key,
                       quoted_json(value));
  const auto number = value.get<std::int64_t>();
  require<ConfigError>(number >= low && number <= high, "model.{}: {} is not between {} and {}", key, number,
                       low, high);
  return number;
}

}  // namespace

struct NetworkFields::Values {
  std::vector<Json> layers;
  Json resolved = Json::object();
};

NetworkFields::NetworkFields(const std::vector<Json>& layers)
    : values_(std::make_unique<Values>(Values{.layers = layers})) {}

NetworkFields::~NetworkFields() = default;

const Json& NetworkFields::resolved() const {
  return values_->resolved;
}

const Json* NetworkFields::find(const std::string& key) {
  known_.insert(key);
  for (const Json& layer : values_->layers) {
    const auto found = layer.find(key);
    if (found != layer.end()) return &*found;
  }
  return nullptr;
}

bool NetworkFields::has(const std::string& key) {
  return find(key) != nullptr;
}

std::int64_t NetworkFields::integer(const std::string& key, std::int64_t fallback, std::int64_t low,
                                    std::int64_t high) {
  const Json* value = find(key);
  const std::int64_t number = value == nullptr ? fallback : checked_integer(key, *value, low, high);
  values_->resolved[key] = number;
  return number;
}

std::vector<std::int64_t> NetworkFields::integers(const std::string& key, std::vector<std::int64_t> fallback,
                                                  std::int64_t low, std::int64_t high) {
  std::vector<std::int64_t> numbers = std::move(fallback);
  if (const Json* value = find(key)) {
    require<ConfigError>(value->is_array() && !value->empty(),
                         "model.{}: expected a list of integers, got {}", key, quoted_json(*value));
    numbers.clear();
    for (const Json& element : *value) numbers.push_back(checked_integer(key, element, low, high));
  }
  values_->resolved[key] = numbers;
  return numbers;
}

bool NetworkFields::flag(const std::string& key, bool fallback) {
  bool result = fallback;
  if (const Json* value = find(key)) {
    require<ConfigError>(value->is_boolean(), "model.{}: expected true or false, got {}", key,
                         quoted_json(*value));
    result = value->get<bool>();
  }
  values_->resolved[key] = result;
  return result;
}

Shape NetworkFields::image(const Shape& fallback, std::int64_t low, std::int64_t high) {
  constexpr const char* kSize = "input_size";
  std::int64_t height = fallback[0], width = fallback[1];
  if (const Json* value = find(kSize)) {
    const bool is_pair = value->is_array() && value->size() == 2;
    require<ConfigError>(is_pair || value->is_number(),
                         "model.{}: expected an integer or a list of height and width, got {}", kSize,
                         quoted_json(*value));
    height = checked_integer(kSize, is_pair ? value->front() : *value, low, high);
    width = checked_integer(kSize, is_pair ? value->back() : *value, low, high);
  }
  values_->resolved[kSize] = height == width ? Json(height) : Json{height, width};
  return {height, width, integer("input_channels", fallback[2], 1, 4)};
}

std::string NetworkFields::choice(const std::string& key, const std::string& fallback,
                                  const std::vector<std::string>& allowed) {
  std::string result = fallback;
  if (const Json* value = find(key)) {
    const bool known =
        value->is_string() && std::count(allowed.begin(), allowed.end(), value->get<std::string>()) > 0;
    std::string names;
    for (const std::string& name : allowed) names += (names.empty() ? "" : ", ") + name;
    require<ConfigError>(known, "model.{}: {} is not one of {}", key, quoted_json(*value), names);
    result = value->get<std::string>();
  }
  values_->resolved[key] = result;
  return result;
}

void NetworkFields::finish() const {
  if (values_->layers.empty()) return;
  for (const auto& [key, value] : values_->layers.front().items()) {
    if (known_.count(key) > 0) continue;
    const std::string near = nearest_name(key, {known_.begin(), known_.end()});
    throw ConfigError("model." + key + ": unknown key" +
                      (near.empty() ? "" : "; did you mean model." + near + "?"));
  }
}

}  // namespace tern
