#include "tern/models/resnet.h"

#include "tern/models/float_resnet.h"
#include "tern/models/sttn_resnet.h"

namespace tern {

std::unique_ptr<Module> make_resnet(const ResNetConfig& config) {
  const bool is_float = config.block == BlockKind::basic || config.block == BlockKind::bottleneck;
  if (is_float) return std::make_unique<FloatResNet>(config);
  check_input_size(config);
  return std::make_unique<SttnResNet>(config);
}

}  // namespace tern
