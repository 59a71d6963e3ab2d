// Where the values of a plan lie in its arena.
#pragma once

#include <vector>

#include "tern/models/engine/activation_map.h"
#include "tern/models/engine/arena.h"
#include "tern/models/engine/operations.h"

namespace tern::engine {

/// By the positions of nodes in the graph; those that no operation writes are empty.
struct Maps {
  std::vector<ActivationMap> floats;
  std::vector<PackedMap> packed;
};

/// Values share memory if their lives, from the operation that writes them to the last that reads them, do
/// not overlap; an operation on single values writes where its input lay if that is not read again. Packed
/// maps share memory with those of their geometry alone, because their borders stay zero. Throws DataError
/// naming a node whose value is too large.
Maps lay_out(const graph::Graph& graph, const std::vector<Operation>& operations, ArenaLayout& layout);

/// Without offset. Throws DataError naming the node if it is too large.
ActivationMap map_of(const graph::Node& node);

}  // namespace tern::engine
