// Model files of format version 1, which do not carry their graph: a merged one holds a ResNet of STTN
// blocks, which its metadata "model" describes.
#pragma once

#include <string>

#include "tern/layers/graph/graph.h"

namespace tern {

/// The graph of the merged network that the metadata "model" of such a file describes. Throws ConfigError
/// naming the key if it does not.
graph::Graph graph_of_version_1(const std::string& model);

}  // namespace tern
