#include "tern/models/formats/version1.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "tern/core/error.h"
#include "tern/layers/graph/builder.h"
#include "tern/models/network_fields.h"

namespace tern {
namespace {

using graph::Window;

struct Version1Model {
  bool imagenet_stem;
  std::vector<std::int64_t> widths, depths;
  std::int64_t classes, input_size;
};

Version1Model read_model(const std::string& text) {
  constexpr int kMaxDepth = 2;
  NetworkFields fields(std::vector<Json>{parse_strict_json(text, "model", {.max_depth = kMaxDepth})});
  fields.choice("family", "resnet", {"resnet"});
  fields.choice("block", "ternary", {"ternary"});
  Version1Model model;
  model.imagenet_stem = fields.choice("stem", "imagenet", {"cifar", "imagenet"}) == "imagenet";
  model.widths = fields.integers("widths", {64, 128, 256, 512}, 1, 8192);
  model.depths = fields.integers("depths", {2, 2, 2, 2}, 1, 200);
  model.classes = fields.integer("classes", 1000, 1, 1000000);
  model.input_size = fields.integer("input_size", 224, 1, 4096);
  fields.flag("conv_bias", false);
  fields.choice("weight_gradient", "official", {"exact", "official"});
  fields.finish();
  constexpr std::size_t kMaxStages = 13;
  require<ConfigError>(model.widths.size() == model.depths.size() && model.widths.size() <= kMaxStages,
                       "model: widths names {} stages and depths {}; expected as many, {} at most",
                       model.widths.size(), model.depths.size(), kMaxStages);
  return model;
}

class Version1Graph {
 public:
  explicit Version1Graph(const Version1Model& model) : model_(model) {}

  graph::Graph build() {
    Value x = stem(graph_.input({model_.input_size, model_.input_size, 3}));
    int index = model_.imagenet_stem ? 4 : 3;  // of the first block in "features"
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
    const Window window = model_.imagenet_stem ? Window::square(7, 2, 3) : Window::square(3, 1, 1);
    x = graph_.conv2d("features.0", x, model_.widths.front(), window, false);
    x = graph_.prelu("features.2", graph_.batch_norm("features.1", x));
    return model_.imagenet_stem ? graph_.max_pool2d("features.3", x, Window::square(3, 2, 1)) : x;
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

  const Version1Model& model_;
  GraphBuilder graph_;
};

}  // namespace

graph::Graph graph_of_version_1(const std::string& model) {
  return Version1Graph(read_model(model)).build();
}

}  // namespace tern
