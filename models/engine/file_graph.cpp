#include "tern/models/engine/file_graph.h"

#include "tern/core/error.h"
#include "tern/layers/graph/builder.h"
#include "tern/layers/graph/json.h"
#include "tern/models/model_format.h"
#include "tern/models/resnet_config.h"

namespace tern::engine {
namespace {

using graph::Window;

class Version1Graph {
 public:
  explicit Version1Graph(const ResNetConfig& model) : model_(model) {}

  graph::Graph build() {
    Value x = stem(graph_.input({model_.input_size, model_.input_size, 3}));
    int index = (model_.stem == Stem::imagenet) ? 4 : 3;  // of the first block in "features"
    for (std::size_t stage = 0; stage < model_.widths.size(); ++stage) {
      for (std::int64_t block = 0; block < model_.depths[stage]; ++block) {
        x = sttn_block("features." + std::to_string(index++), x, model_.widths[stage],
                       stage > 0 && block == 0 ? 2 : 1);
      }
    }
    const Value features = graph_.global_avg_pool2d("avgpool", x);
    return std::move(graph_).finish(graph_.linear("fc", features, model_.classes, true));
  }

 private:
  Value stem(Value x) {
    const Window window = (model_.stem == Stem::imagenet) ? Window::square(7, 2, 3) : Window::square(3, 1, 1);
    x = graph_.conv2d("features.0", x, model_.widths.front(), window, false);
    x = graph_.prelu("features.2", graph_.batch_norm("features.1", x));
    return (model_.stem == Stem::imagenet) ? graph_.max_pool2d("features.3", x, Window::square(3, 2, 1)) : x;
  }

  Value sttn_block(const std::string& name, Value x, std::int64_t width, std::int64_t stride) {
    Value shortcut = x;
    if (stride > 1) {
      // The pool rounds down where the convolution beside it rounds up.
      require<ConfigError>(graph_.shape(x)[0] % 2 == 0, "model.input_size: {} cannot be halved that often",
                           model_.input_size);
      shortcut = graph_.max_pool2d(name + ".shortcut.pool", x, Window::square(2, 2, 0));
    }
    if (width != graph_.shape(x)[2]) {
      shortcut = graph_.pad_channels(name + ".shortcut.pad", shortcut, width);
    }
    const Value middle = half(name, "1", x, shortcut, width, stride);
    return half(name, "2", middle, middle, width, 1);
  }

  Value half(const std::string& block, const std::string& number, Value x, Value shortcut, std::int64_t width,
             std::int64_t stride) {
    const auto name = [&](const char* part) { return block + "." + part + number; };
    x = graph_.ternary_activation(name("ternary"), graph_.batch_norm(name("bn"), x));
    x = graph_.ternary_conv2d(name("conv"), x, width, Window::square(3, stride, 1), false);
    x = graph_.add(name("add"), graph_.batch_norm(name("bn_add"), x), shortcut);
    return graph_.prelu(name("prelu"), x);
  }

  const ResNetConfig& model_;
  GraphBuilder graph_;
};

}  // namespace

std::string checked_format(const Metadata& metadata, const std::string& path) {
  Metadata copy = metadata;
  const auto version = copy.find("format_version");
  if (version != copy.end() && version->second == "2") version->second = "1";
  return check_model_format(copy, path);
}

graph::Graph merged_graph(const Metadata& metadata, const std::string& path) {
  try {
    if (required_metadata(metadata, path, "format_version") == "2") {
      return graph::parse_graph(required_metadata(metadata, path, "graph"));
    }
    const ResNetConfig config = parse_resnet_config(required_metadata(metadata, path, "model"));
    require<DataError>(config.block == BlockKind::ternary,
                       "metadata \"model\": block is not \"ternary\", which every merged model has");
    check_input_size(config);
    return Version1Graph(config).build();
  } catch (const Error& error) {
    const std::string what = error.what();
    throw DataError(what.rfind(path, 0) == 0 ? what : path + ": " + what);
  }
}

std::string stored_name(const graph::Node& node, const graph::Parameter& parameter) {
  if (is_ternary(node.op) && parameter.role == "weight") return parameter.name + ".trits";
  if (is_ternary(node.op) && parameter.role == "scale") return node.name + ".weight.scale";
  return parameter.name;
}

}  // namespace tern::engine
