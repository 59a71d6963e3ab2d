// The first layers that all ResNets share.
#pragma once

#include <memory>

#include "tern/kernels/pool_window.h"
#include "tern/layers/module.h"
#include "tern/models/resnet_config.h"

namespace tern {

/// The max pool behind the imagenet stem.
constexpr kernels::PoolWindow kStemPool{3, 2, 1};

/// From the image to the first stage's width, without bias: a Conv2d 7x7 stride 2 (imagenet) or 3x3 (cifar),
/// or a WhitenedStem.
std::unique_ptr<Module> make_stem(const ResNetConfig& config);

}  // namespace tern
