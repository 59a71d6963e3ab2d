// What a family of networks owes the registry (models/registry.cpp): one file with its modules and one of
// these.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tern/core/shape.h"
#include "tern/layers/module.h"
#include "tern/models/network_fields.h"

namespace tern {

/// A network that has been described but not made.
struct NetworkPlan {
  std::int64_t classes = 0;
  Shape image;                     ///< (H, W, C)
  std::int64_t least_weights = 0;  ///< A lower bound of its weights, against files that promise too many.
  std::function<std::unique_ptr<Module>()> make;  ///< On the CPU, its weights zero (models/initialise.h).
};

struct NamedNetwork {
  std::string name;
  std::string fields;  ///< A JSON object: what differs from the defaults of the family.
};

struct Family {
  std::string name;
  std::vector<NamedNetwork> networks;
  /// Reads all fields that the family has. Throws ConfigError if they do not fit together.
  std::function<NetworkPlan(NetworkFields&)> read;
};

}  // namespace tern
