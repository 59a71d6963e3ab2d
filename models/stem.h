// The first layers that all ResNets share.
#pragma once

#include "tern/kernels/pool_window.h"
#include "tern/layers/conv2d.h"
#include "tern/models/resnet_config.h"

namespace tern {

/// The max pool behind the imagenet stem.
constexpr kernels::PoolWindow kStemPool{3, 2, 1};

/// 7x7 stride 2 (imagenet) or 3x3 stride 1 (cifar), from the image to the first stage's width, without bias.
inline Conv2dOptions stem_convolution(const ResNetConfig& config) {
  Conv2dOptions options;
  options.in_channels = config.input_channels;
  options.out_channels = config.widths.front();
  options.kernel_size = config.stem == Stem::imagenet ? 7 : 3;
  options.stride = config.stem == Stem::imagenet ? 2 : 1;
  options.padding = options.kernel_size / 2;
  return options;
}

}  // namespace tern
