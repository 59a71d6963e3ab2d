#pragma once

#include <string>
#include <vector>

#include "tern/layers/graph/graph.h"
#include "tern/layers/module.h"

namespace tern {

/// What became of the tensors when a network started from another, by their names.
struct WarmStart {
  std::vector<std::string> taken;  ///< Of the network: what the other gave.
  std::vector<std::string> kept;   ///< Of the network: what it had before, because the other has none.
  std::vector<std::string> left;   ///< Of the other: not used.
};

/// Overwrites parameters and buffers of `network`, which `graph` describes, with those of `source`: its twin
/// in floats, trained by another method, or for other classes.
///
/// Tensors of one name and shape are copied. Between layers of one path whose weights are of two kinds
/// (floats, or two methods), the weights go through floats: TernaryWeights::to_float and start_from. The
/// head, which is the layer that gives the logits, keeps what it had where its shape is another, as for other
/// classes. Throws DataError if nothing fits, or if tensors that are not of the head have another shape,
/// listing them; then nothing has changed.
WarmStart warm_start(Module& network, const graph::Graph& graph, const Module& source);

}  // namespace tern
