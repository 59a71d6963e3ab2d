#include "tern/layers/autograd/tape.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/kernels/add.h"
#include "tern/layers/autograd/deferred_gradient.h"
#include "tern/layers/autograd/node.h"

namespace tern {
namespace {

thread_local bool recording = true;

// Adds `gradient` to `slot`. The first gradient is kept as it is; a storage that others see is not written.
void accumulate(Tensor& slot, Tensor gradient) {
  if (!slot.defined()) {
    slot = std::move(gradient);
  } else if (slot.unique()) {
    kernels::accumulate(slot, gradient);
  } else {
    slot = kernels::add(slot, gradient);
  }
}

// The same where the slot is that of a node.
void accumulate(Node& node, Tensor gradient) {
  if (node.pending_dy) node.dy = std::exchange(node.pending_dy, nullptr)->compute();
  accumulate(node.dy, std::move(gradient));
}

bool younger_last(const std::shared_ptr<Node>& a, const std::shared_ptr<Node>& b) {
  return a->sequence < b->sequence;
}

// Nodes that were reached from a result, as a heap with the youngest on top. When a node comes to the top,
// everything computed from it is done; in a backward pass, its gradient is complete.
class Frontier {
 public:
  void push(std::shared_ptr<Node> node) {
    heap_.push_back(std::move(node));
    std::push_heap(heap_.begin(), heap_.end(), younger_last);
  }
  bool empty() const { return heap_.empty(); }
  std::shared_ptr<Node> pop() {
    std::pop_heap(heap_.begin(), heap_.end(), younger_last);
    std::shared_ptr<Node> node = std::move(heap_.back());
    heap_.pop_back();
    return node;
  }

 private:
  std::vector<std::shared_ptr<Node>> heap_;
};

void check_gradients(const Node& node, const std::vector<Tensor>& gradients) {
  require<Error>(gradients.size() == node.edges.size(), "{}: backward gave {} gradients for {} inputs",
                 node.name, gradients.size(), node.edges.size());
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    require<Error>(!gradients[i].defined() || gradients[i].shape() == node.edges[i].shape,
                   "{}: the gradient of input {} is {}, the input is {}", node.name, i, gradients[i].shape(),
                   node.edges[i].shape);
    // Integers have real gradients, whichever suits.
    const bool is_float = node.edges[i].dtype == DType::f32 || node.edges[i].dtype == DType::bf16;
    require<Error>(!gradients[i].defined() || !is_float || gradients[i].dtype() == node.edges[i].dtype,
                   "{}: the gradient of input {} is {}, the input is {}", node.name, i, gradients[i].dtype(),
                   node.edges[i].dtype);
  }
}

}  // namespace

BackwardContext::BackwardContext(Node& node) : node_(node), pending_(std::move(node.pending_dy)) {}

Tensor BackwardContext::dy() {
  if (const auto pending = std::exchange(pending_, nullptr)) return pending->compute();
  return std::exchange(node_.dy, Tensor());
}

void BackwardContext::leave_pending(std::size_t input, std::shared_ptr<PendingGradient> gradient) {
  left_[input] = std::move(gradient);
}

Tensor BackwardContext::take_gradient(std::size_t input) {
  const std::shared_ptr<Node>& producer = node_.edges.at(input).node;
  if (!producer) return Tensor();
  if (const auto pending = std::exchange(producer->pending_dy, nullptr)) return pending->compute();
  return std::exchange(producer->dy, Tensor());
}

NoGrad::NoGrad() : previous_(std::exchange(recording, false)) {}

NoGrad::~NoGrad() {
  recording = previous_;
}

bool Tape::records(const std::vector<Variable>& inputs) {
  return recording &&
         std::any_of(inputs.begin(), inputs.end(), [](const Variable& v) { return v.requires_grad(); });
}

Variable Tape::record(const char* name, Tensor value, const std::vector<Variable>& inputs, Saved saved,
                      Backward backward) {
  return record(
      name, std::move(value), inputs, std::move(saved),
      BackwardInContext([backward = std::move(backward)](BackwardContext& context, const Saved& kept) {
        return backward(context.dy(), kept);
      }));
}

Variable Tape::record(const char* name, Tensor value, const std::vector<Variable>& inputs, Saved saved,
                      BackwardInContext backward) {
  Variable result(std::move(value));
  if (!records(inputs)) return result;
  std::vector<Edge> edges;
  edges.reserve(inputs.size());
  for (const Variable& input : inputs) {
    Edge edge;
    if (input.defined()) {
      edge.shape = input.shape();
      edge.dtype = input.value().dtype();
    }
    if (input.requires_grad()) {
      edge.node = input.state_->producer;
      if (!edge.node) edge.leaf = input;
    }
    edges.push_back(std::move(edge));
  }
  result.state_->requires_grad = true;
  result.state_->producer =
      std::make_shared<Node>(name, std::move(edges), std::move(saved), std::move(backward));
  return result;
}

void Tape::keep_statistics(const Variable& x, kernels::ChannelStatistics statistics) {
  x.state_->statistics = std::move(statistics);
}

const kernels::ChannelStatistics& Tape::statistics(const Variable& x) {
  return x.state_->statistics;
}

void Tape::add_gradient(const Variable& leaf, Tensor gradient) {
  Variable::State& state = *leaf.state_;
  if (const DeferredShare deferred = std::exchange(state.deferred_grad, {}); deferred.gradient) {
    deferred.gradient->freeze();  // computed once for all leaves
    state.grad = deferred.gradient->of(deferred.leaf);
  }
  accumulate(state.grad, std::move(gradient));
}

void Tape::defer(const std::shared_ptr<DeferredGradient>& gradient, const std::vector<Variable>& leaves) {
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Variable& leaf = leaves[i];
    require<Error>(!leaf.state_->producer, "Tape: a deferred gradient is that of leaves");
    if (!leaf.requires_grad()) continue;
    if (leaf.has_grad()) {
      gradient->freeze();
      add_gradient(leaf, gradient->of(i));
    } else {
      leaf.state_->deferred_grad = {gradient, i};
    }
  }
}

void Tape::swap_gradient(const Variable& leaf, LeafGradient& gradient) {
  std::swap(leaf.state_->grad, gradient.grad);
  std::swap(leaf.state_->deferred_grad, gradient.deferred);
}

void Tape::run(const Variable& root, Tensor dy) {
  if (!root.state_->producer) {
    add_gradient(root, std::move(dy));
    return;
  }
  const NoGrad no_grad;
  Frontier frontier;
  std::set<const Node*> reached;  // by a gradient, though another node may have taken it
  const auto reach = [&](const std::shared_ptr<Node>& node) {
    if (reached.insert(node.get()).second) frontier.push(node);
  };
  root.state_->producer->dy = std::move(dy);
  reach(root.state_->producer);
  while (!frontier.empty()) {
    const std::shared_ptr<Node> node = frontier.pop();
    require<Error>(static_cast<bool>(node->backward),
                   "{}: backward has run before and freed the graph; compute the forward pass again",
                   node->name);
    BackwardContext context(*node);
    std::vector<Tensor> gradients = node->backward(context, node->saved);
    check_gradients(*node, gradients);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      Edge& edge = node->edges[i];
      const std::shared_ptr<PendingGradient> pending = std::move(context.left_[i]);
      const bool wanted = edge.node || edge.leaf.defined();
      if (!wanted || !(pending || gradients[i].defined())) continue;
      if (edge.node) reach(edge.node);
      if (pending && edge.node && !edge.node->dy.defined() && !edge.node->pending_dy) {
        edge.node->pending_dy = pending;
        continue;
      }
      Tensor gradient = pending ? pending->compute() : std::move(gradients[i]);
      edge.node ? accumulate(*edge.node, std::move(gradient)) : add_gradient(edge.leaf, std::move(gradient));
    }
    node->release();
  }
}

std::map<SavedKind, std::size_t> Tape::saved_bytes(const Variable& result) {
  std::map<SavedKind, std::size_t> bytes;
  std::set<const Node*> reached;
  std::set<const void*> counted;
  Frontier frontier;
  const auto reach = [&](const std::shared_ptr<Node>& node) {
    if (node && reached.insert(node.get()).second) frontier.push(node);
  };
  reach(result.state_->producer);
  while (!frontier.empty()) {
    const std::shared_ptr<Node> node = frontier.pop();
    for (const SavedValue& saved : node->saved.values()) {
      const Tensor& storage = saved.storage();
      if (storage.defined() && counted.insert(storage.raw()).second) bytes[saved.kind] += storage.nbytes();
    }
    for (const Edge& edge : node->edges) reach(edge.node);
  }
  return bytes;
}

}  // namespace tern
