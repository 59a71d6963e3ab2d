#include "tern/layers/graph/json.h"

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "tern/core/error.h"
#include "tern/core/strict_json.h"
#include "tern/layers/graph/builder.h"

namespace tern::graph {
namespace {

constexpr std::array kOperators = {Operator::input,
                                   Operator::conv2d,
                                   Operator::linear,
                                   Operator::ternary_conv2d,
                                   Operator::ternary_linear,
                                   Operator::batch_norm,
                                   Operator::prelu,
                                   Operator::rprelu,
                                   Operator::relu,
                                   Operator::hardtanh,
                                   Operator::ternary_activation,
                                   Operator::threshold_activation,
                                   Operator::binary_activation,
                                   Operator::add,
                                   Operator::max_pool2d,
                                   Operator::avg_pool2d,
                                   Operator::global_avg_pool2d,
                                   Operator::pad_channels,
                                   Operator::flatten};
static_assert(kOperators.size() == static_cast<std::size_t>(Operator::flatten) + 1, "an operator is missing");

/// The value of "levels" for WeightLevels::four; three are not written.
constexpr int kFourLevels = 4;

bool has_window(Operator op) {
  return op == Operator::conv2d || op == Operator::ternary_conv2d || op == Operator::max_pool2d ||
         op == Operator::avg_pool2d;
}

bool has_weights(Operator op) {
  return op == Operator::conv2d || op == Operator::linear || is_ternary(op);
}

Json extents(const Shape& shape) {
  return Json(std::vector<std::int64_t>(shape.begin(), shape.end()));
}

Json node_json(const Graph& graph, const Node& node, int position) {
  Json json = {{"name", node.name}, {"op", std::string(to_string(node.op))}};
  if (node.op == Operator::input) {
    json["shape"] = extents(node.output);
    return json;
  }
  if (node.inputs != std::vector<int>{position - 1}) {
    Json inputs = Json::array();
    for (const int input : node.inputs) inputs.push_back(graph.nodes[static_cast<std::size_t>(input)].name);
    json["inputs"] = std::move(inputs);
  }
  if (has_weights(node.op) || node.op == Operator::pad_channels) json["channels"] = node.output[-1];
  if (has_window(node.op)) {
    const Window& w = node.window;
    json["window"] = {w.height, w.width, w.stride_height, w.stride_width, w.padding_height, w.padding_width};
  }
  if (node.levels == WeightLevels::four) json["levels"] = kFourLevels;
  if (!node.method.empty()) {
    json["method"] = node.method;
    Json parameters = Json::array();
    for (const Parameter& parameter : node.parameters) {
      parameters.push_back({parameter.role, parameter.name, extents(parameter.shape)});
    }
    json["parameters"] = std::move(parameters);
  } else if (node.find("bias") != nullptr && has_weights(node.op)) {
    json["bias"] = true;
  }
  return json;
}

// Reads one node; every error is about the graph alone and does not print what it found, which may be
// nested as deeply as a file likes.
class NodeReader {
 public:
  NodeReader(const Json& json, std::size_t position) : json_(json), where_(fmt::format("node {}", position)) {
    require<DataError>(json.is_object(), "{}: is not an object", where_);
    where_ = text("name");
  }

  const std::string& where() const { return where_; }

  std::string text(const char* key) {
    const Json& value = at(key);
    require<DataError>(value.is_string(), "{}: \"{}\" is not a string", where_, key);
    return value.get<std::string>();
  }

  std::int64_t integer(const char* key) { return to_integer(at(key), key); }

  std::vector<std::int64_t> integers(const char* key) { return to_integers(at(key), key); }

  bool flag(const char* key) {
    const Json* value = find(key);
    if (value == nullptr) return false;
    require<DataError>(value->is_boolean(), "{}: \"{}\" is not true or false", where_, key);
    return value->get<bool>();
  }

  /// Names of nodes; nothing if the key is not there.
  std::optional<std::vector<std::string>> names(const char* key) {
    const Json* value = find(key);
    if (value == nullptr) return std::nullopt;
    require<DataError>(value->is_array(), "{}: \"{}\" is not a list", where_, key);
    std::vector<std::string> names;
    for (const Json& name : *value) {
      require<DataError>(name.is_string(), "{}: \"{}\" holds something other than names", where_, key);
      names.push_back(name.get<std::string>());
    }
    return names;
  }

  Operator op() {
    const std::string name = text("op");
    for (const Operator op : kOperators) {
      if (to_string(op) == name) return op;
    }
    throw DataError(fmt::format("{}: the operator \"{}\" is not known; written by a newer version of Tern?",
                                where_, name.substr(0, 64)));
  }

  Window window() {
    const std::vector<std::int64_t> w = integers("window");
    require<DataError>(w.size() == 6, "{}: \"window\" has {} numbers, expected 6", where_, w.size());
    return {w[0], w[1], w[2], w[3], w[4], w[5]};
  }

  WeightLevels levels() {
    if (find("levels") == nullptr) return WeightLevels::three;
    require<DataError>(integer("levels") == kFourLevels, "{}: \"levels\" of the weights is not {}", where_,
                       kFourLevels);
    return WeightLevels::four;
  }

  std::optional<LatentWeights> latent() {
    if (find("method") == nullptr) return std::nullopt;
    LatentWeights weights{text("method"), {}, levels()};
    const Json& list = at("parameters");
    require<DataError>(list.is_array(), "{}: \"parameters\" is not a list", where_);
    for (const Json& entry : list) {
      require<DataError>(
          entry.is_array() && entry.size() == 3 && entry[0].is_string() && entry[1].is_string(),
          "{}: a parameter is not [role, name, shape]", where_);
      weights.parameters.push_back({entry[0].get<std::string>(), entry[1].get<std::string>(),
                                    Shape(to_integers(entry[2], "parameters"))});
    }
    return weights;
  }

  void finish() const {
    for (const auto& [key, value] : json_.items()) {
      require<DataError>(known_.count(key) > 0, "{}: unknown key \"{}\"", where_, key.substr(0, 64));
    }
  }

 private:
  const Json* find(const char* key) {
    known_.insert(key);
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }

  const Json& at(const char* key) {
    const Json* value = find(key);
    require<DataError>(value != nullptr, "{}: \"{}\" is missing", where_, key);
    return *value;
  }

  std::int64_t to_integer(const Json& value, const char* key) const {
    require<DataError>(value.is_number_integer(), "{}: \"{}\" is not an integer", where_, key);
    return value.get<std::int64_t>();
  }

  std::vector<std::int64_t> to_integers(const Json& value, const char* key) const {
    require<DataError>(value.is_array(), "{}: \"{}\" is not a list of integers", where_, key);
    std::vector<std::int64_t> numbers;
    for (const Json& number : value) numbers.push_back(to_integer(number, key));
    return numbers;
  }

  const Json& json_;
  std::string where_;
  std::set<std::string> known_;
};

class GraphReader {
 public:
  Graph read(const Json& json) {
    require<DataError>(json.is_object() && json.contains("nodes") && json.contains("output") &&
                           json["nodes"].is_array() && !json["nodes"].empty() && json["output"].is_string(),
                       "expected {{\"nodes\": [...], \"output\": NAME}}");
    for (std::size_t i = 0; i < json["nodes"].size(); ++i) {
      NodeReader node(json["nodes"][i], i);
      last_ = append(node, i);
      node.finish();
      values_.emplace(node.where(), last_);
    }
    return std::move(builder_).finish(value(json["output"].get<std::string>(), "the output"));
  }

 private:
  Value value(const std::string& name, const std::string& where) const {
    const auto found = values_.find(name);
    require<DataError>(found != values_.end(), "{}: there is no node \"{}\" before it", where,
                       name.substr(0, 64));
    return found->second;
  }

  std::vector<Value> inputs(NodeReader& node, Operator op) const {
    const std::size_t wanted = op == Operator::input ? 0 : op == Operator::add ? 2 : 1;
    std::vector<Value> inputs;
    if (const auto names = node.names("inputs")) {
      for (const std::string& name : *names) inputs.push_back(value(name, node.where()));
    } else if (!values_.empty()) {
      inputs.push_back(last_);
    }
    require<DataError>(inputs.size() == wanted, "{}: {} inputs, expected {}", node.where(), inputs.size(),
                       wanted);
    return inputs;
  }

  Value append(NodeReader& node, std::size_t position) {
    const Operator op = node.op();
    const std::string& name = node.where();
    require<DataError>((op == Operator::input) == (position == 0),
                       "{}: the first node, and no other, is the input", name);
    const std::vector<Value> x = inputs(node, op);
    switch (op) {
      case Operator::input:
        return builder_.input(Shape(node.integers("shape")));
      case Operator::conv2d:
        return builder_.conv2d(name, x[0], node.integer("channels"), node.window(), node.flag("bias"));
      case Operator::linear:
        return builder_.linear(name, x[0], node.integer("channels"), node.flag("bias"));
      case Operator::ternary_conv2d: {
        const std::int64_t filters = node.integer("channels");
        if (auto latent = node.latent()) {
          return builder_.ternary_conv2d(name, x[0], filters, node.window(), std::move(*latent));
        }
        return builder_.ternary_conv2d(name, x[0], filters, node.window(), node.flag("bias"), node.levels());
      }
      case Operator::ternary_linear: {
        const std::int64_t outputs = node.integer("channels");
        if (auto latent = node.latent()) {
          return builder_.ternary_linear(name, x[0], outputs, std::move(*latent));
        }
        return builder_.ternary_linear(name, x[0], outputs, node.flag("bias"), node.levels());
      }
      case Operator::batch_norm:
        return builder_.batch_norm(name, x[0]);
      case Operator::prelu:
        return builder_.prelu(name, x[0]);
      case Operator::rprelu:
        return builder_.rprelu(name, x[0]);
      case Operator::relu:
        return builder_.relu(name, x[0]);
      case Operator::hardtanh:
        return builder_.hardtanh(name, x[0]);
      case Operator::ternary_activation:
        return builder_.ternary_activation(name, x[0]);
      case Operator::threshold_activation:
        return builder_.threshold_activation(name, x[0]);
      case Operator::binary_activation:
        return builder_.binary_activation(name, x[0]);
      case Operator::add:
        return builder_.add(name, x[0], x[1]);
      case Operator::max_pool2d:
        return builder_.max_pool2d(name, x[0], node.window());
      case Operator::avg_pool2d:
        return builder_.avg_pool2d(name, x[0], node.window());
      case Operator::global_avg_pool2d:
        return builder_.global_avg_pool2d(name, x[0]);
      case Operator::pad_channels:
        return builder_.pad_channels(name, x[0], node.integer("channels"));
      case Operator::flatten:
        return builder_.flatten(name, x[0]);
    }
    throw Error("parse_graph: not an operator");
  }

  GraphBuilder builder_;
  Value last_;
  std::map<std::string, Value> values_;
};

}  // namespace

std::string to_json(const Graph& graph) {
  Json nodes = Json::array();
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    nodes.push_back(node_json(graph, graph.nodes[i], static_cast<int>(i)));
  }
  const Node& output = graph.nodes[static_cast<std::size_t>(graph.output)];
  return Json{{"nodes", std::move(nodes)}, {"output", output.name}}.dump();
}

Graph parse_graph(const std::string& text) {
  try {
    return GraphReader().read(parse_strict_json(text, "graph"));
  } catch (const Error& error) {
    throw DataError(std::string("graph: ") + error.what());
  }
}

}  // namespace tern::graph
