#include "tern/layers/autograd/node.h"

#include <atomic>
#include <utility>

namespace tern {
namespace {

std::uint64_t next_sequence() {
  static std::atomic<std::uint64_t> counter{0};
  return ++counter;
}

// Nodes whose owners are being destroyed. Destroying a chain of nodes by recursion would overflow the stack
// at some hundred thousand nodes, so the outermost destructor empties this list in a loop.
thread_local std::vector<std::shared_ptr<Node>>* pending_destruction = nullptr;

}  // namespace

Node::Node(const char* name_, std::vector<Edge> edges_, Saved saved_, BackwardInContext backward_)
    : name(name_),
      sequence(next_sequence()),
      edges(std::move(edges_)),
      saved(std::move(saved_)),
      backward(std::move(backward_)) {}

void Node::release() {
  saved = Saved();
  backward = nullptr;
  std::vector<Edge> old = std::move(edges);
  edges.clear();
  if (pending_destruction != nullptr) {
    for (Edge& edge : old) {
      if (edge.node) pending_destruction->push_back(std::move(edge.node));
    }
    return;
  }
  std::vector<std::shared_ptr<Node>> pending;
  pending_destruction = &pending;
  old.clear();
  while (!pending.empty()) {
    const std::shared_ptr<Node> last = std::move(pending.back());
    pending.pop_back();
  }
  pending_destruction = nullptr;
}

Node::~Node() {
  release();
}

}  // namespace tern
