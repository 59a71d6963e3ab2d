#pragma once

#include "tern/layers/linear.h"
#include "tern/layers/pooling.h"
#include "tern/layers/sequential.h"
#include "tern/models/resnet_config.h"

namespace tern {

/// Float ResNet (He et al., CVPR 2016) with torchvision's structure and names: conv1, bn1, layer1.0.conv1,
/// ..., layer1.0.downsample.0, fc. With other stems than `imagenet`, conv1 is another (models/stem.h) and
/// there is no max pool.
class FloatResNet : public Module {
 public:
  explicit FloatResNet(const ResNetConfig& config);
  /// x (N, H, W, C), f32, to logits (N, classes), f32. What is between is kept as kernels/precision.h says.
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  std::vector<Module*> layers_;  // in the order of the forward pass
};

}  // namespace tern
