#pragma once

#include "tern/layers/batch_norm2d.h"
#include "tern/layers/conv2d.h"
#include "tern/layers/sequential.h"

namespace tern {

/// torchvision's BasicBlock (two 3x3 convolutions) or Bottleneck (1x1, 3x3 with the stride, 1x1 four times
/// wider): relu(bn(conv(...)) + shortcut). Where shape changes, the shortcut is `downsample`: 1x1 convolution
/// and batch norm.
class FloatBlock : public Module {
 public:
  FloatBlock(std::int64_t in_channels, std::int64_t width, int stride, bool bottleneck);
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  struct Step {
    Conv2d& conv;
    BatchNorm2d& bn;
  };
  void add_step(const Conv2dOptions& options);

  std::vector<Step> steps_;
  Sequential* downsample_ = nullptr;
};

/// How much wider a block's output is than its `width`.
inline std::int64_t expansion(bool bottleneck) {
  return bottleneck ? 4 : 1;
}

}  // namespace tern
