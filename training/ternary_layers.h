// What a training run tells about the ternary layers of its network.
#pragma once

#include <string>
#include <vector>

#include "tern/layers/parameter_container.h"

namespace tern {

/// The paths of the ternary layers, in the order of the network.
std::vector<std::string> ternary_layer_names(const ParameterContainer& network);

/// The share of zero weights of each, in the same order.
std::vector<double> zero_fractions(const ParameterContainer& network);

}  // namespace tern
