// The ResNet family as data: one description covers the float networks (He et al., CVPR 2016) and the STTN
// networks with pairs of binary branches (Xu et al., IJCAI 2020).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tern/models/family.h"
#include "tern/models/sttn_block_options.h"
#include "tern/models/ternary_options.h"

namespace tern {

enum class BlockKind {
  basic,       // two 3x3 float convolutions, ReLU
  bottleneck,  // 1x1, 3x3, 1x1 float convolutions, four times wider at the end
  sttn,        // two ternary convolutions, by default as pairs of binary branches
};

enum class Stem {
  imagenet,  // 7x7 stride 2, max pool 3x3 stride 2
  cifar,     // 3x3 stride 1
  whitened,  // frozen whitening of 3x3 patches, ReLU, 1x1 (models/whitened_stem.h)
};

struct ResNetConfig {
  BlockKind block = BlockKind::basic;
  Stem stem = Stem::imagenet;
  std::vector<std::int64_t> widths = {64, 128, 256, 512};  // channels of each stage
  // Blocks of each stage. 0 for the first: its width is the stem's, and the second stage halves the image.
  std::vector<std::int64_t> depths = {2, 2, 2, 2};
  std::int64_t classes = 1000;
  Shape image = {224, 224, 3};        // (H, W, C)
  bool conv_bias = false;             // sttn only: the branches have (dead) biases, as in the official code
  TernaryOptions ternary = {"sttn"};  // sttn only
  Shortcut shortcut = Shortcut::maxpool;                // sttn only
  BlockActivation activation = BlockActivation::prelu;  // sttn only
};

/// Reads the family's fields. Throws ConfigError if they do not fit together.
ResNetConfig read_resnet_config(NetworkFields& fields);

/// The networks with names: resnet18, resnet34, resnet50, cifar_resnet18, cifar_resnet20; all but resnet50
/// also with the suffix _bwx2 (pairs of binary branches).
std::vector<NamedNetwork> named_resnets();

/// Throws ConfigError unless a network of sttn blocks can be computed on its images: the 2x2 max pool of a
/// downsampling shortcut and the convolution beside it agree on even heights and widths only.
void check_input_size(const ResNetConfig& config);

}  // namespace tern
