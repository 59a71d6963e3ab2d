#pragma once

#include <vector>

#include "tern/layers/graph/graph.h"

namespace tern::engine {

/// In which form the value of each node is read. The batch norm before a packed activation becomes thresholds
/// on what the batch norm reads, so that nobody needs its floats.
struct Needs {
  explicit Needs(const graph::Graph& graph);

  std::vector<std::vector<int>> consumers;  // nodes
  std::vector<bool> floats;
  std::vector<bool> packed;  // activations alone

  /// The only node that reads `node`, or -1; the network's result has a reader more.
  int sole_consumer(int node) const;

 private:
  bool wants_floats(const graph::Graph& graph, int node, int consumer) const;
  bool thresholds_read(const graph::Graph& graph, int norm) const;
  int output_;
};

}  // namespace tern::engine
