#pragma once

#include "tern/layers/activations.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/conv2d.h"
#include "tern/layers/linear.h"
#include "tern/layers/pooling.h"
#include "tern/layers/sequential.h"
#include "tern/models/resnet_config.h"

namespace tern {

/// ResNet of STTN blocks (BlockKind::sttn), with the official network's names: features.0 stem
/// (models/stem.h), features.1 batch norm, features.2 PReLU, features.3 max pool (stem `imagenet` only), then
/// the blocks, global average pool, fc.
class SttnResNet : public Module {
 public:
  explicit SttnResNet(const ResNetConfig& config);
  /// x (N, H, W, C), f32, to logits (N, classes), f32. What is between is kept as kernels/precision.h says.
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  Variable forward_features(const Variable& images);

  Sequential& features_;
  Module& stem_;
  BatchNorm2d& stem_norm_;
  PReLU& stem_prelu_;
  MaxPool2d* stem_pool_ = nullptr;  // of stem `imagenet`
  GlobalAvgPool2d& avgpool_;
  Linear& fc_;
};

}  // namespace tern
