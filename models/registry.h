// All networks that a configuration can name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tern/models/family.h"

namespace tern {

/// A network as a configuration or a checkpoint describes it.
struct NetworkConfig : NetworkPlan {
  /// Every field, as stored in checkpoints; parse_network_config reads it back.
  std::string json;
};

/// What a description takes where it says nothing itself, such as the number of classes of the data set at
/// hand. A family ignores what it has no field for.
struct NetworkDefaults {
  std::optional<std::int64_t> classes;
  std::optional<Shape> input_size;  // (H, W)
  std::optional<std::int64_t> input_channels;
  std::optional<std::string> weight_gradient;
  std::optional<bool> conv_bias;
};

/// A description in JSON: either a string, the name of a network, or an object
///   {"name": "cifar_resnet20_bwx2", "classes": 100}                        a named network, some fields
///   changed
///   {"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [8, 16], "depths": [1, 1], ...}
/// Throws ConfigError naming the key: unknown, duplicate, ill-typed or out of range.
NetworkConfig parse_network_config(const std::string& json, const NetworkDefaults& defaults = {});

/// The names that a description can give, and those of the families.
std::vector<std::string> network_names();
std::vector<std::string> family_names();

/// Adds a family of one's own. Throws ConfigError if its name or that of one of its networks is taken.
void add_family(Family family);

}  // namespace tern
