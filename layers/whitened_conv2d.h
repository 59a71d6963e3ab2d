#pragma once

#include "tern/kernels/conv2d.h"
#include "tern/layers/module.h"
#include "tern/layers/whitening.h"

namespace tern {

/// A 3x3 convolution of images whose filters are set once and stay as they are (the buffer "weight"), with a
/// trained "bias": whitening() of the patches of training images. Filters that were never set copy the values
/// of a patch, and their negatives. 18 filters for each channel of the image.
class WhitenedConv2d : public Module {
 public:
  explicit WhitenedConv2d(std::int64_t in_channels);
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

  /// What whiten() needs, still without an image.
  PatchStatistics patches() const;
  /// Sets filters and bias.
  void whiten(const PatchStatistics& patches);

  std::int64_t out_channels() const { return weight_.dim(0); }

 private:
  static constexpr kernels::Conv2dParameters kParameters{1, 1};

  Tensor& weight_;  // (O, 3, 3, I)
  Variable& bias_;  // (O)
};

}  // namespace tern
