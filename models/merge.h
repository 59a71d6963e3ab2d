#pragma once

#include <map>
#include <string>

#include "tern/layers/graph/graph.h"
#include "tern/layers/module.h"

namespace tern {

/// A network as it is used: a graph without methods, and its tensors by the names of the graph's parameters,
/// ternary weights as i8 in {-1, 0, +1} or Node::levels, all else f32.
struct MergedNetwork {
  graph::Graph graph;
  std::map<std::string, Tensor> state;
};

/// The network that equals the trained `network` without what training needed, for images of (H, W, C): each
/// ternary layer keeps the weights and the scale that its method makes of its latent parameters, and layers
/// in floats stay as they are. The bias of a ternary layer moves into the running mean of the batch norm
/// behind it, where that is all that reads it. In evaluation both networks compute the same numbers to the
/// bit (GraphModule). The result is on the CPU. Clamps latent weights as every forward pass does. Throws what
/// trace_graph throws.
MergedNetwork merge(Module& network, const Shape& image);

/// Adds `bias` to what a merged ternary operator computes, as merge() does: in the batch norm behind it, or
/// as a parameter of its own.
void add_bias(MergedNetwork& network, std::size_t node, const Tensor& bias);

}  // namespace tern
