#include "tern/models/sttn_resnet.h"

#include "tern/kernels/precision.h"
#include "tern/layers/functions/cast.h"
#include "tern/layers/functions/conv2d_batch_norm_prelu.h"
#include "tern/models/stem.h"
#include "tern/models/sttn_block.h"

namespace tern {
namespace {

ConvolutionFactory convolution_factory(const ResNetConfig& config) {
  return [bias = config.conv_bias, ternary = config.ternary](Conv2dOptions options) {
    options.bias = bias;
    return ternary.convolution(options);
  };
}

}  // namespace

SttnResNet::SttnResNet(const ResNetConfig& config)
    : features_(add_module("features", std::make_unique<Sequential>())),
      stem_(features_.add(make_stem(config))),
      stem_norm_(features_.add(std::make_unique<BatchNorm2d>(config.widths.front()))),
      stem_prelu_(features_.add(std::make_unique<PReLU>(config.widths.front()))),
      avgpool_(add_module("avgpool", std::make_unique<GlobalAvgPool2d>())),
      fc_(add_module("fc", std::make_unique<Linear>(config.widths.back(), config.classes))) {
  std::int64_t channels = config.widths.front();
  if (config.stem == Stem::imagenet) stem_pool_ = &features_.add(std::make_unique<MaxPool2d>(kStemPool));
  const ConvolutionFactory make_convolution = convolution_factory(config);
  const SttnBlockOptions options{config.ternary.activations, config.shortcut, config.activation};
  for (std::size_t stage = 0; stage < config.widths.size(); ++stage) {
    for (std::int64_t block = 0; block < config.depths[stage]; ++block) {
      const int stride = stage > 0 && block == 0 ? 2 : 1;
      features_.add(
          std::make_unique<SttnBlock>(channels, config.widths[stage], stride, make_convolution, options));
      channels = config.widths[stage];
    }
  }
}

Variable SttnResNet::forward(const Variable& x) {
  const Variable images = cast(x, kernels::activation_dtype());
  return fc_.forward(avgpool_.forward(forward_features(images)));
}

Variable SttnResNet::forward_features(const Variable& images) {
  constexpr std::size_t kFused = 3;
  const auto* conv = dynamic_cast<const Conv2d*>(&stem_);
  if (conv == nullptr) return features_.forward(images);
  if (stem_pool_ == nullptr) {
    return features_.forward_from(
        kFused, conv2d_batch_norm_prelu(images, conv->weight(), conv->parameters(), stem_norm_.arguments(),
                                        stem_prelu_.slope()));
  }
  return features_.forward_from(
      kFused + 1,
      conv2d_batch_norm_prelu_max_pool2d(images, conv->weight(), conv->parameters(), stem_norm_.arguments(),
                                         stem_prelu_.slope(), stem_pool_->window()));
}

Value SttnResNet::trace(GraphBuilder& graph, Value x) const {
  return fc_.trace(graph, avgpool_.trace(graph, features_.trace(graph, x)));
}

}  // namespace tern
