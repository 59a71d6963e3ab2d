#pragma once

#include "tern/layers/conv2d.h"
#include "tern/layers/whitened_conv2d.h"

namespace tern {

/// Frozen whitening filters and a ReLU in front of the first trained convolution, which is 1x1:
///   image -> whitening -> ReLU -> conv
/// Before a training starts, whiten() of the child "whitening" is to be called with training images.
class WhitenedStem : public Module {
 public:
  WhitenedStem(std::int64_t in_channels, std::int64_t out_channels);
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  WhitenedConv2d& whitening_;
  Conv2d& conv_;
};

}  // namespace tern
