// The ResNet family as data: one description covers the float networks (He et al., CVPR 2016), the STTN
// networks with pairs of binary branches (Xu et al., IJCAI 2020) and the merged ternary networks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tern/kernels/binary_branch_weights.h"

namespace tern {

enum class BlockKind {
  basic,       // two 3x3 float convolutions, ReLU
  bottleneck,  // 1x1, 3x3, 1x1 float convolutions, four times wider at the end
  sttn,        // two pairs of binary branches, trainable
  ternary,     // the merged form of sttn, not trainable
};

enum class Stem {
  imagenet,  // 7x7 stride 2, max pool 3x3 stride 2
  cifar,     // 3x3 stride 1
};

struct ResNetConfig {
  BlockKind block = BlockKind::basic;
  Stem stem = Stem::imagenet;
  std::vector<std::int64_t> widths = {64, 128, 256, 512};  // channels of each stage
  std::vector<std::int64_t> depths = {2, 2, 2, 2};         // blocks of each stage
  std::int64_t classes = 1000;
  std::int64_t input_size = 224;  // height and width of the image
  bool conv_bias = false;         // sttn only: the branches have (dead) biases, as in the official code
  kernels::WeightGradientRule weight_gradient = kernels::WeightGradientRule::official;  // sttn only
};

/// The named network: resnet18, resnet34, resnet50, cifar_resnet18, cifar_resnet20; all but resnet50 also
/// with the suffix _bwx2 (pairs of binary branches) and _ter (merged). Throws ConfigError with the nearest
/// name.
ResNetConfig resnet_by_name(const std::string& name);

/// All names resnet_by_name knows.
std::vector<std::string> resnet_names();

/// What a configuration takes where it says nothing itself, such as the number of classes of the data set at
/// hand.
struct ResNetDefaults {
  std::optional<std::int64_t> classes;
  std::optional<std::int64_t> input_size;
  std::optional<kernels::WeightGradientRule> weight_gradient;
};

/// A configuration from JSON: either a string, the name, or an object
///   {"name": "cifar_resnet20_bwx2", "classes": 100}                        a named network, some fields
///   changed
///   {"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8, 16], "depths": [1, 1], ...}
/// Throws ConfigError naming the key: unknown, duplicate, ill-typed or out of range.
ResNetConfig parse_resnet_config(const std::string& json, const ResNetDefaults& defaults = {});

/// Throws ConfigError unless a network of sttn or ternary blocks can be computed at its input_size: the 2x2
/// max pool of a downsampling shortcut and the convolution beside it agree on even sizes only.
void check_input_size(const ResNetConfig& config);

/// The object form with every field, as stored in checkpoints; parse_resnet_config reads it back.
std::string to_json(const ResNetConfig& config);

}  // namespace tern
