// A multilayer perceptron with batch norm, by default 784-1024-1024-10 for MNIST (LeCun et al., 1998): 28x28
// pixels of one channel. See feed_forward.h for the order of the layers.
#include "tern/models/families.h"
#include "tern/models/linear_layers.h"

namespace tern {
namespace {

struct Mlp {
  LinearLayers linear;
  Shape image;
  TernaryOptions ternary;
};

Mlp read(NetworkFields& fields) {
  return {read_linear_layers(fields, {{1024, 1024}, 10}, 64), fields.image({28, 28, 1}, 1, 512),
          read_ternary_options(fields)};
}

std::unique_ptr<Module> make(const Mlp& config) {
  auto network = std::make_unique<FeedForward>(config.image, config.ternary);
  config.linear.add_to(*network);
  return network;
}

}  // namespace

Family mlp_family() {
  return {"mlp", {{"mlp", "{}"}, {"mlp_ternary", R"({"weights": "sttn"})"}}, [](NetworkFields& fields) {
            const Mlp config = read(fields);
            return NetworkPlan{config.linear.classes, config.image,
                               config.linear.weights(config.image.numel()),
                               [config] { return make(config); }};
          }};
}

}  // namespace tern
