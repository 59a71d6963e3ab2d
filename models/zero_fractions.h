#pragma once

#include <string>
#include <vector>

#include "tern/layers/module.h"

namespace tern {

struct LayerZeros {
  std::string name;
  double fraction;  ///< Of zeros among the layer's ternary weights, in [0, 1].
};

/// The ternary layers of a network, trained or merged, in their order.
std::vector<LayerZeros> zero_fractions(const Module& network);

}  // namespace tern
