// The VGG-like network for CIFAR-10 of the low-bit literature (LQ-Net, Zhang et al., ECCV 2018; IR-Net, Qin
// et al., CVPR 2020): six 3x3 convolutions of 128, 128, 256, 256, 512 and 512 filters, a 2x2 max pool behind
// every second one, and one linear layer. See feed_forward.h for the order of the layers.
#include "tern/models/families.h"
#include "tern/models/feed_forward.h"

namespace tern {
namespace {

struct VggSmall {
  std::int64_t width;  // filters of the first convolution
  std::int64_t classes;
  Shape image;
  TernaryOptions ternary;
};

VggSmall read(NetworkFields& fields) {
  return {fields.integer("width", 128, 1, 2048), fields.integer("classes", 10, 1, 1000000),
          fields.image({32, 32, 3}, 8, 1024), read_ternary_options(fields)};
}

std::unique_ptr<Module> make(const VggSmall& config) {
  auto network = std::make_unique<FeedForward>(config.image, config.ternary);
  for (const std::int64_t filters : {config.width, 2 * config.width, 4 * config.width}) {
    network->add_convolution({filters, 3, 1, 1});
    network->add_convolution({filters, 3, 1, 1}, kernels::PoolWindow{2, 2});
  }
  network->add_classifier(config.classes);
  return network;
}

// Those of all convolutions but the first.
std::int64_t least_weights(const VggSmall& config) {
  return 9 * (1 + 2 + 4 + 8 + 16) * config.width * config.width;
}

}  // namespace

Family vgg_small_family() {
  return {"vgg_small",
          {{"vgg_small", "{}"}, {"vgg_small_ternary", R"({"weights": "sttn"})"}},
          [](NetworkFields& fields) {
            const VggSmall config = read(fields);
            return NetworkPlan{config.classes, config.image, least_weights(config),
                               [config] { return make(config); }};
          }};
}

}  // namespace tern
