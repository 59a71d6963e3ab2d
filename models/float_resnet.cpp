#include "tern/models/float_resnet.h"

#include "tern/kernels/precision.h"
#include "tern/layers/activations.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/functions/cast.h"
#include "tern/models/float_block.h"
#include "tern/models/stem.h"

namespace tern {

FloatResNet::FloatResNet(const ResNetConfig& config) {
  const bool bottleneck = config.block == BlockKind::bottleneck;
  const auto add_layer = [this](const std::string& name, auto layer) -> auto& {
    auto& added = add_module(name, std::move(layer));
    layers_.push_back(&added);
    return added;
  };
  std::int64_t channels = config.widths.front();
  add_layer("conv1", make_stem(config));
  add_layer("bn1", std::make_unique<BatchNorm2d>(channels));
  add_layer("relu", std::make_unique<ReLU>());
  if (config.stem == Stem::imagenet) add_layer("maxpool", std::make_unique<MaxPool2d>(kStemPool));
  for (std::size_t stage = 0; stage < config.widths.size(); ++stage) {
    Sequential& layer = add_layer("layer" + std::to_string(stage + 1), std::make_unique<Sequential>());
    for (std::int64_t block = 0; block < config.depths[stage]; ++block) {
      const int stride = stage > 0 && block == 0 ? 2 : 1;
      layer.add(std::make_unique<FloatBlock>(channels, config.widths[stage], stride, bottleneck));
      channels = config.widths[stage] * expansion(bottleneck);
    }
  }
  add_layer("avgpool", std::make_unique<GlobalAvgPool2d>());
  add_layer("fc", std::make_unique<Linear>(channels, config.classes));
}

Variable FloatResNet::forward(const Variable& x) {
  Variable y = cast(x, kernels::activation_dtype());
  for (Module* layer : layers_) y = layer->forward(y);
  return y;
}

Value FloatResNet::trace(GraphBuilder& graph, Value x) const {
  for (const Module* layer : layers_) x = layer->trace(graph, x);
  return x;
}

}  // namespace tern
