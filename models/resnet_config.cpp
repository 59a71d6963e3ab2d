#include "tern/models/resnet_config.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tern/core/error.h"
#include "tern/core/nearest_name.h"

namespace tern {
namespace {

using kernels::WeightGradientRule;
using nlohmann::json;

const std::map<std::string, BlockKind> kBlocks = {{"basic", BlockKind::basic},
                                                  {"bottleneck", BlockKind::bottleneck},
                                                  {"sttn", BlockKind::sttn},
                                                  {"ternary", BlockKind::ternary}};
const std::map<std::string, Stem> kStems = {{"imagenet", Stem::imagenet}, {"cifar", Stem::cifar}};
const std::map<std::string, WeightGradientRule> kRules = {{"official", WeightGradientRule::official},
                                                          {"exact", WeightGradientRule::exact}};

constexpr std::int64_t kMaxInputSize = 4096;

struct NamedConfig {
  const char* name;
  ResNetConfig config;
};

std::vector<NamedConfig> base_networks() {
  const auto basic = BlockKind::basic;
  return {
      {"resnet18", {basic, Stem::imagenet, {64, 128, 256, 512}, {2, 2, 2, 2}, 1000, 224}},
      {"resnet34", {basic, Stem::imagenet, {64, 128, 256, 512}, {3, 4, 6, 3}, 1000, 224}},
      {"resnet50", {BlockKind::bottleneck, Stem::imagenet, {64, 128, 256, 512}, {3, 4, 6, 3}, 1000, 224}},
      {"cifar_resnet18", {basic, Stem::cifar, {64, 128, 256, 512}, {2, 2, 2, 2}, 10, 32}},
      {"cifar_resnet20", {basic, Stem::cifar, {16, 32, 64}, {3, 3, 3}, 10, 32}},
  };
}

std::map<std::string, ResNetConfig> all_networks() {
  std::map<std::string, ResNetConfig> networks;
  for (const NamedConfig& base : base_networks()) {
    networks.emplace(base.name, base.config);
    if (base.config.block != BlockKind::basic) continue;
    ResNetConfig variant = base.config;
    variant.block = BlockKind::sttn;
    networks.emplace(std::string(base.name) + "_bwx2", variant);
    variant.block = BlockKind::ternary;
    networks.emplace(std::string(base.name) + "_ter", variant);
  }
  return networks;
}

// Reads the fields of a JSON object; every error names the key.
class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}

  void read(const char* key, std::int64_t& value, std::int64_t low, std::int64_t high) {
    if (const json* field = find(key)) value = integer(key, *field, low, high);
  }

  void read(const char* key, std::vector<std::int64_t>& values, std::int64_t low, std::int64_t high) {
    const json* field = find(key);
    if (field == nullptr) return;
    require<ConfigError>(field->is_array() && !field->empty(),
                         "model.{}: expected a list of integers, got {}", key, field->dump());
    values.clear();
    for (const json& element : *field) values.push_back(integer(key, element, low, high));
  }

  void read(const char* key, bool& value) {
    const json* field = find(key);
    if (field == nullptr) return;
    require<ConfigError>(field->is_boolean(), "model.{}: expected true or false, got {}", key, field->dump());
    value = field->get<bool>();
  }

  template <class Enum>
  void read(const char* key, Enum& value, const std::map<std::string, Enum>& allowed) {
    const json* field = find(key);
    if (field == nullptr) return;
    const auto found = field->is_string() ? allowed.find(field->get<std::string>()) : allowed.end();
    require<ConfigError>(found != allowed.end(), "model.{}: {} is not one of {}", key, field->dump(),
                         names(allowed));
    value = found->second;
  }

  void ignore(const char* key) { find(key); }

  /// Refuses the keys that nobody asked for.
  void finish() const {
    for (const auto& [key, value] : object_.items()) {
      if (known_.count(key) > 0) continue;
      const std::string near = nearest_name(key, {known_.begin(), known_.end()});
      throw ConfigError("model." + key + ": unknown key" +
                        (near.empty() ? "" : "; did you mean model." + near + "?"));
    }
  }

 private:
  const json* find(const char* key) {
    known_.insert(key);
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  static std::int64_t integer(const char* key, const json& field, std::int64_t low, std::int64_t high) {
    require<ConfigError>(field.is_number_integer(), "model.{}: expected an integer, got {}", key,
                         field.dump());
    const auto value = field.get<std::int64_t>();
    require<ConfigError>(value >= low && value <= high, "model.{}: {} is not between {} and {}", key, value,
                         low, high);
    return value;
  }

  template <class Enum>
  static std::string names(const std::map<std::string, Enum>& allowed) {
    std::string list;
    for (const auto& [name, value] : allowed) list += (list.empty() ? "" : ", ") + name;
    return list;
  }

  const json& object_;
  std::set<std::string> known_;
};

// Refuses duplicate keys, and nesting at its first level: messages print values, by recursion.
json parse_strictly(const std::string& text) {
  constexpr int kMaxDepth = 2;  // a list in an object
  std::vector<std::set<std::string>> keys;
  const auto refuse = [&](int depth, json::parse_event_t event, json& parsed) {
    require<ConfigError>(depth <= kMaxDepth,
                         "model: nested too deeply; expected numbers, names and lists of numbers");
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key) {
      const auto key = parsed.get<std::string>();
      require<ConfigError>(keys.back().insert(key).second, "model.{}: the key is given twice", key);
    }
    return true;
  };
  try {
    return json::parse(text, refuse);
  } catch (const json::exception& error) {
    throw ConfigError(std::string("model: not valid JSON: ") + error.what());
  }
}

template <class Enum>
std::string name_of(Enum value, const std::map<std::string, Enum>& names) {
  for (const auto& [name, candidate] : names) {
    if (candidate == value) return name;
  }
  throw Error("name_of: no such value");
}

// The named network, or for a free description the defaults of the family.
ResNetConfig base_of(const json& model) {
  if (model.is_string()) return resnet_by_name(model.get<std::string>());
  require<ConfigError>(model.is_object(), "model: expected a name or an object, got {}", model.dump());
  const auto name = model.find("name");
  if (name != model.end()) {
    require<ConfigError>(name->is_string(), "model.name: expected a string, got {}", name->dump());
    return resnet_by_name(name->get<std::string>());
  }
  const auto family = model.find("family");
  require<ConfigError>(family != model.end(), "model: needs \"name\" or \"family\": \"resnet\"");
  require<ConfigError>(*family == "resnet", "model.family: {} is not known; there is \"resnet\"",
                       family->dump());
  return {};
}

void read_fields(const json& object, ResNetConfig& config) {
  Reader reader(object);
  reader.ignore("name");
  reader.ignore("family");
  reader.read("block", config.block, kBlocks);
  reader.read("stem", config.stem, kStems);
  reader.read("widths", config.widths, 1, 8192);
  reader.read("depths", config.depths, 1, 200);
  reader.read("classes", config.classes, 1, 1000000);
  reader.read("input_size", config.input_size, 1, kMaxInputSize);
  reader.read("conv_bias", config.conv_bias);
  reader.read("weight_gradient", config.weight_gradient, kRules);
  reader.finish();
}

}  // namespace

ResNetConfig resnet_by_name(const std::string& name) {
  const auto networks = all_networks();
  const auto found = networks.find(name);
  if (found != networks.end()) return found->second;
  std::string known;
  for (const std::string& candidate : resnet_names()) known += (known.empty() ? "" : ", ") + candidate;
  const std::string near = nearest_name(name, resnet_names());
  throw ConfigError("model: there is no network \"" + name + "\"" +
                    (near.empty() ? "" : "; did you mean \"" + near + "\"?") + " Known are: " + known);
}

std::vector<std::string> resnet_names() {
  std::vector<std::string> names;
  for (const auto& [name, config] : all_networks()) names.push_back(name);
  return names;
}

ResNetConfig parse_resnet_config(const std::string& text, const ResNetDefaults& defaults) {
  const json model = parse_strictly(text);
  ResNetConfig config = base_of(model);
  config.classes = defaults.classes.value_or(config.classes);
  config.input_size = defaults.input_size.value_or(config.input_size);
  config.weight_gradient = defaults.weight_gradient.value_or(config.weight_gradient);
  if (model.is_object()) read_fields(model, config);
  require<ConfigError>(config.widths.size() == config.depths.size(),
                       "model: widths names {} stages and depths {}; give one of each per stage",
                       config.widths.size(), config.depths.size());
  // Each stage but the first halves the image.
  constexpr std::size_t kMaxStages = 13;
  static_assert(kMaxInputSize >> (kMaxStages - 1) == 1);
  require<ConfigError>(config.widths.size() <= kMaxStages, "model.widths: {} stages are more than {}",
                       config.widths.size(), kMaxStages);
  return config;
}

void check_input_size(const ResNetConfig& config) {
  const std::int64_t first = config.stem == Stem::imagenet ? 4 : 1;
  const std::int64_t divisor = first << (config.widths.size() - 1);
  require<ConfigError>(config.input_size % divisor == 0,
                       "model.input_size: {} is not a multiple of {}, which {} stages of ternary blocks need",
                       config.input_size, divisor, config.widths.size());
}

std::string to_json(const ResNetConfig& config) {
  return json{{"family", "resnet"},
              {"block", name_of(config.block, kBlocks)},
              {"stem", name_of(config.stem, kStems)},
              {"widths", config.widths},
              {"depths", config.depths},
              {"classes", config.classes},
              {"input_size", config.input_size},
              {"conv_bias", config.conv_bias},
              {"weight_gradient", name_of(config.weight_gradient, kRules)}}
      .dump();
}

}  // namespace tern
