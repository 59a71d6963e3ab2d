// A recorded function application: private to layers/autograd.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tern/kernels/batch_norm.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

struct Variable::State {
  Tensor value;
  kernels::ChannelStatistics statistics;  // of the value; undefined: not computed
  Tensor grad;
  DeferredShare deferred_grad;  // instead of grad
  bool requires_grad = false;
  std::shared_ptr<Node> producer;  // null for a leaf
};

/// Where the gradient of one input goes: to the node that made it, or to a leaf, or nowhere. It does not
/// hold the input's value: only what a node saved stays in memory.
struct Edge {
  std::shared_ptr<Node> node;
  Variable leaf;
  Shape shape;
  DType dtype = DType::f32;
};

class Node {
 public:
  Node(const char* name, std::vector<Edge> edges, Saved saved, BackwardInContext backward);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const char* name;
  std::uint64_t sequence;  // grows with creation: every node is younger than its inputs
  std::vector<Edge> edges;
  Saved saved;
  BackwardInContext backward;                   // empty once it has run
  Tensor dy;                                    // gradient accumulated so far
  std::shared_ptr<PendingGradient> pending_dy;  // instead of dy

  /// Frees what was saved and captured for backward and lets go of the inputs.
  void release();
};

}  // namespace tern
