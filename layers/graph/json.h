// A graph as JSON, as model files carry it.
//
//   {"nodes": [{"name": "images", "op": "input", "shape": [32, 32, 3]},
//              {"name": "features.0", "op": "conv2d", "channels": 16, "window": [3, 3, 1, 1, 1, 1]},
//              {"name": "features.1", "op": "batch_norm"}, ...],
//    "output": "fc"}
//
// "inputs" names the nodes that are read; without it that is the node before. "window" is height, width,
// strides and paddings, each down and across; "channels" counts those of the result. "bias": true where a
// convolution or a linear layer has one. Parameters have their usual names, "<name>.weight" and so on; a
// ternary operator in training has "method" and "parameters": [[role, name, shape], ...] instead.
#pragma once

#include <string>

#include "tern/layers/graph/graph.h"

namespace tern::graph {

std::string to_json(const Graph& graph);

/// The reverse. Trusts nothing: throws DataError naming the node if the text is not such a graph, if shapes
/// do not fit or a number is out of range.
Graph parse_graph(const std::string& text);

}  // namespace tern::graph
