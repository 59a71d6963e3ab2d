#include "tern/models/registry.h"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

#include "tern/core/error.h"
#include "tern/core/nearest_name.h"
#include "tern/models/families.h"
#include "tern/models/resnet.h"

namespace tern {
namespace {

// One line for each family.
std::deque<Family>& families() {
  static std::deque<Family> all = {
      resnet_family(),
      vgg_small_family(),
      alexnet_family(),
      mlp_family(),
  };
  return all;
}

struct Found {
  const Family* family = nullptr;
  const NamedNetwork* network = nullptr;
};

Found find_network(const std::string& name) {
  for (const Family& family : families()) {
    for (const NamedNetwork& network : family.networks) {
      if (network.name == name) return {&family, &network};
    }
  }
  return {};
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

[[noreturn]] void refuse(const std::string& what, const std::string& name,
                         const std::vector<std::string>& known) {
  const std::string near = nearest_name(name, known);
  throw ConfigError(what + " \"" + name + "\"" + (near.empty() ? "" : "; did you mean \"" + near + "\"?") +
                    " Known are: " + joined(known));
}

Found network_of(const std::string& name) {
  const Found found = find_network(name);
  if (found.family == nullptr) refuse("model: there is no network", name, network_names());
  return found;
}

const Family& family_of(const Json& name) {
  require<ConfigError>(name.is_string(), "model.family: expected a string, got {}", quoted_json(name));
  for (const Family& family : families()) {
    if (family.name == name.get<std::string>()) return family;
  }
  refuse("model.family: there is no family", name.get<std::string>(), family_names());
}

// Takes "name" or "family" out of the description.
Found take_base(Json& model) {
  if (model.is_string()) {
    const Found found = network_of(model.get<std::string>());
    model = Json::object();
    return found;
  }
  require<ConfigError>(model.is_object(), "model: expected a name or an object, got {}", quoted_json(model));
  Found found;
  if (const auto name = model.find("name"); name != model.end()) {
    require<ConfigError>(name->is_string(), "model.name: expected a string, got {}", quoted_json(*name));
    found = network_of(name->get<std::string>());
  } else {
    const auto family = model.find("family");
    require<ConfigError>(family != model.end(), "model: needs \"name\" or \"family\" ({})",
                         joined(family_names()));
    found.family = &family_of(*family);
  }
  model.erase("name");
  model.erase("family");
  return found;
}

Json as_fields(const NetworkDefaults& defaults) {
  Json fields = Json::object();
  if (defaults.classes) fields["classes"] = *defaults.classes;
  if (const auto& size = defaults.input_size)
    fields["input_size"] = std::vector<std::int64_t>(size->begin(), size->end());
  if (defaults.input_channels) fields["input_channels"] = *defaults.input_channels;
  if (defaults.weight_gradient) fields["weight_gradient"] = *defaults.weight_gradient;
  if (defaults.conv_bias) fields["conv_bias"] = *defaults.conv_bias;
  return fields;
}

}  // namespace

NetworkConfig parse_network_config(const std::string& text, const NetworkDefaults& defaults) {
  constexpr int kMaxDepth = 2;  // a list in an object; messages print values, by recursion
  Json model = parse_strict_json(text, "model", {.max_depth = kMaxDepth});
  const Found base = take_base(model);
  NetworkFields fields({model, as_fields(defaults),
                        base.network != nullptr ? Json::parse(base.network->fields) : Json::object()});
  NetworkConfig config{base.family->read(fields), ""};
  fields.finish();
  Json json = {{"family", base.family->name}};
  json.update(fields.resolved());
  config.json = json.dump();
  return config;
}

std::vector<std::string> network_names() {
  std::vector<std::string> names;
  for (const Family& family : families()) {
    for (const NamedNetwork& network : family.networks) names.push_back(network.name);
  }
  return names;
}

std::vector<std::string> family_names() {
  std::vector<std::string> names;
  for (const Family& family : families()) names.push_back(family.name);
  return names;
}

void add_family(Family family) {
  const std::vector<std::string> taken = family_names();
  require<ConfigError>(std::count(taken.begin(), taken.end(), family.name) == 0,
                       "add_family: the name \"{}\" is taken", family.name);
  for (const NamedNetwork& network : family.networks) {
    require<ConfigError>(find_network(network.name).family == nullptr,
                         "add_family: there is a network \"{}\" already", network.name);
  }
  families().push_back(std::move(family));
}

}  // namespace tern
