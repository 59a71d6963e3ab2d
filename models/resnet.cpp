#include "tern/models/resnet.h"

#include "tern/models/float_resnet.h"
#include "tern/models/sttn_resnet.h"

namespace tern {
namespace {

// Those of the 3x3 convolutions, of which every block has one at least, and of the linear layer: a lower
// bound within a factor of four. The limits of the fields keep it far from overflow.
std::int64_t least_weights(const ResNetConfig& config) {
  std::int64_t weights = config.classes * config.widths.back();
  for (std::size_t stage = 0; stage < config.widths.size(); ++stage) {
    weights += config.depths[stage] * 9 * config.widths[stage] * config.widths[stage];
  }
  return weights;
}

}  // namespace

Family resnet_family() {
  return {"resnet", named_resnets(), [](NetworkFields& fields) {
            const ResNetConfig config = read_resnet_config(fields);
            return NetworkPlan{config.classes, config.image, least_weights(config),
                               [config] { return make_resnet(config); }};
          }};
}

std::unique_ptr<Module> make_resnet(const ResNetConfig& config) {
  if (config.block != BlockKind::sttn) return std::make_unique<FloatResNet>(config);
  check_input_size(config);
  return std::make_unique<SttnResNet>(config);
}

}  // namespace tern
