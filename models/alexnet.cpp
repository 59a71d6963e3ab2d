// AlexNet (Krizhevsky et al., NIPS 2012) as papers on binary and ternary weights use it (XNOR-Net, Rastegari
// et al., ECCV 2016): all five convolutions in one group, batch norm in place of local response
// normalisation, no dropout. See feed_forward.h for the order of the layers.
#include "tern/core/error.h"
#include "tern/models/families.h"
#include "tern/models/linear_layers.h"

namespace tern {
namespace {

struct AlexNet {
  std::vector<std::int64_t> widths;  // filters of the five convolutions
  LinearLayers linear;
  Shape image;
  TernaryOptions ternary;
};

AlexNet read(NetworkFields& fields) {
  constexpr std::int64_t kLeastSize = 63;  // the last pool has one 3x3 window
  AlexNet config{fields.integers("widths", {96, 256, 384, 384, 256}, 1, 8192),
                 read_linear_layers(fields, {{4096, 4096}, 1000}, 16),
                 fields.image({224, 224, 3}, kLeastSize, 4096), read_ternary_options(fields)};
  require<ConfigError>(config.widths.size() == 5,
                       "model.widths: expected one of each of 5 convolutions, got {}", config.widths.size());
  return config;
}

std::unique_ptr<Module> make(const AlexNet& config) {
  constexpr kernels::PoolWindow pool{3, 2};
  auto network = std::make_unique<FeedForward>(config.image, config.ternary);
  network->add_convolution({config.widths[0], 11, 4, 2}, pool);
  network->add_convolution({config.widths[1], 5, 1, 2}, pool);
  network->add_convolution({config.widths[2], 3, 1, 1});
  network->add_convolution({config.widths[3], 3, 1, 1});
  network->add_convolution({config.widths[4], 3, 1, 1}, pool);
  config.linear.add_to(*network);
  return network;
}

}  // namespace

Family alexnet_family() {
  return {"alexnet",
          {{"alexnet", "{}"}, {"alexnet_ternary", R"({"weights": "sttn"})"}},
          [](NetworkFields& fields) {
            const AlexNet config = read(fields);
            // The linear layers see one pixel at least.
            return NetworkPlan{config.linear.classes, config.image,
                               config.linear.weights(config.widths.back()),
                               [config] { return make(config); }};
          }};
}

}  // namespace tern
