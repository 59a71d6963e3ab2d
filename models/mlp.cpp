// A multilayer perceptron with batch norm, by default 784-1024-1024-10 for MNIST (LeCun et al., 1998): 28x28
// pixels of one channel. See feed_forward.h for the order of the layers.
#include <utility>

#include "tern/core/error.h"
#include "tern/models/families.h"
#include "tern/models/feed_forward.h"

namespace tern {
namespace {

struct Mlp {
  std::vector<std::int64_t> hidden;  // outputs of the layers but the last
  std::int64_t classes;
  Shape image;
  TernaryOptions ternary;
};

Mlp read(NetworkFields& fields) {
  const std::int64_t size = fields.integer("input_size", 28, 1, 512);
  Mlp config{fields.integers("hidden", {1024, 1024}, 1, 65536),
             fields.integer("classes", 10, 1, 1000000),
             {size, size, fields.integer("input_channels", 1, 1, 4)},
             read_ternary_options(fields)};
  constexpr std::size_t kMaxHidden = 64;
  require<ConfigError>(config.hidden.size() <= kMaxHidden, "model.hidden: {} layers are more than {}",
                       config.hidden.size(), kMaxHidden);
  return config;
}

std::unique_ptr<Module> make(const Mlp& config) {
  auto network = std::make_unique<FeedForward>(config.image, config.ternary);
  for (const std::int64_t outputs : config.hidden) network->add_linear(outputs);
  network->add_classifier(config.classes);
  return network;
}

std::int64_t least_weights(const Mlp& config) {
  std::int64_t weights = 0, inputs = config.image.numel();
  for (const std::int64_t outputs : config.hidden) weights += std::exchange(inputs, outputs) * outputs;
  return weights + inputs * config.classes;
}

}  // namespace

Family mlp_family() {
  return {"mlp", {{"mlp", "{}"}, {"mlp_ternary", R"({"weights": "sttn"})"}}, [](NetworkFields& fields) {
            const Mlp config = read(fields);
            return NetworkPlan{config.classes, config.image, least_weights(config),
                               [config] { return make(config); }};
          }};
}

}  // namespace tern
