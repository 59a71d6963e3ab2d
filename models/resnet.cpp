#include "models/resnet.h"

#include "core/error.h"
#include "models/float_resnet.h"
#include "models/sttn_resnet.h"

namespace tern {

std::unique_ptr<Module> make_resnet(const ResNetConfig& config) {
  const bool is_float = config.block == BlockKind::basic || config.block == BlockKind::bottleneck;
  if (is_float) return std::make_unique<FloatResNet>(config);
  // The 2x2 max pool of a downsampling shortcut and the convolution beside it agree on even sizes only.
  const std::int64_t first = config.stem == Stem::imagenet ? 4 : 1;
  const std::int64_t divisor = first << (config.widths.size() - 1);
  require<ConfigError>(config.input_size % divisor == 0,
                       "model.input_size: {} is not a multiple of {}, which {} stages of ternary blocks need",
                       config.input_size, divisor, config.widths.size());
  return std::make_unique<SttnResNet>(config);
}

}  // namespace tern
