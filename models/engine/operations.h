// What a plan fuses: a graph as a list of operations, each of which is one step.
#pragma once

#include <vector>

#include "tern/layers/graph/graph.h"

namespace tern::engine {

/// Nodes are given by their positions in the graph; -1 is none.
struct Operation {
  enum class Kind {
    image,      // copies the image into a map
    stem,       // conv2d of an image of three channels, [batch norm], [PReLU], [max pool]
    ternary,    // ternary_conv2d or ternary_linear, [batch norm], [+ shortcut], [PReLU], [activation, packed]
    ternarise,  // [batch norm], activation, packed
    alone,      // a node by itself, but that a max pool takes pad_channels along
  };
  Kind kind;
  int node;                // after which it is called
  int result = -1;         // whose floats it writes
  std::vector<int> reads;  // whose floats it reads; of `ternary` the shortcut
  int norm = -1, prelu = -1, pool = -1;
  int packed_input = -1;  // activations, of whose values it reads or writes the bits
  int packed_output = -1;
  int packed_norm = -1;  // the batch norm that becomes thresholds: of `packed_output`, but not of `result`
};

/// The node at a position, or null for -1.
const graph::Node* node_at(const graph::Graph& graph, int position);

/// In the order in which they are run. Throws DataError naming the node that the engine cannot run.
std::vector<Operation> operations_of(const graph::Graph& graph);

/// The node before all flattens, whose values are the same.
int unflattened(const graph::Graph& graph, int node);

bool is_activation(graph::Operator op);

}  // namespace tern::engine
