#pragma once

#include <string>

#include "tern/layers/graph/graph.h"

namespace tern {

/// A table of the network: per node its name, operator, output shape for one image, parameters, bits per
/// parameter as a file stores them, multiply-adds; then the totals and the size in bytes.
std::string model_summary(const graph::Graph& network);

}  // namespace tern
