#include "tern/models/engine/operations.h"

#include <algorithm>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/models/engine/needs.h"
#include "tern/models/engine/steps/stem.h"

namespace tern::engine {
namespace {

using graph::Node;
using graph::Operator;

class Patterns {
 public:
  explicit Patterns(const graph::Graph& graph)
      : graph_(graph), needs_(graph), fused_(graph.nodes.size(), false), packed_(graph.nodes.size(), false) {}

  std::vector<Operation> find() {
    if (needs_.floats[0]) check_input();
    for (int i = 0; i < count(); ++i) {
      if (!fused_[index(i)]) take(i);
    }
    // An operation stands where its last node stands: all that it reads is computed before.
    std::stable_sort(operations_.begin(), operations_.end(),
                     [](const auto& a, const auto& b) { return a.position < b.position; });
    std::vector<Operation> operations;
    for (auto& placed : operations_) operations.push_back(std::move(placed.operation));
    return operations;
  }

 private:
  struct Placed {
    int position;
    Operation operation;
  };

  static std::size_t index(int node) { return static_cast<std::size_t>(node); }
  int count() const { return static_cast<int>(graph_.nodes.size()); }
  const Node& at(int node) const { return graph_.nodes[index(node)]; }

  // Only the stem reads the image where it is; other readers need it as a map.
  void check_input() {
    const auto& readers = needs_.consumers[0];
    const bool stems =
        std::all_of(readers.begin(), readers.end(), [&](int reader) { return is_stem(reader); });
    if (!stems || graph_.output == 0) place(0, {Operation::Kind::image, 0, 0, {}});
  }

  bool is_stem(int node) const {
    return at(node).op == Operator::conv2d && StemStep::can_run(graph_, at(node));
  }

  void take(int i) {
    const Node& node = at(i);
    if (is_ternary(node.op)) return take_ternary(i);
    if (is_activation(node.op) && needs_.packed[index(i)] && !packed_[index(i)]) take_ternarise(i);
    if (node.op == Operator::input || node.op == Operator::flatten || !needs_.floats[index(i)]) return;
    if (is_stem(i)) return take_stem(i);
    Operation operation{Operation::Kind::alone, i, i, node.inputs};
    if (node.op == Operator::max_pool2d) absorb(operation.result, Operator::pad_channels);
    place(operation.result, std::move(operation));
  }

  void take_stem(int i) {
    Operation operation{Operation::Kind::stem, i, i, {}};
    if (at(i).find("bias") == nullptr) operation.norm = absorb(operation.result, Operator::batch_norm);
    operation.prelu = absorb(operation.result, Operator::prelu);
    operation.pool = absorb(operation.result, Operator::max_pool2d);
    place(operation.result, std::move(operation));
  }

  void take_ternary(int i) {
    const int input = unflattened(graph_, at(i).inputs[0]);
    require<DataError>(is_activation(at(input).op),
                       "{}: the input of this {} is {} ({}), expected the result of a ternary or binary "
                       "activation",
                       at(i).name, to_string(at(i).op), at(input).name, to_string(at(input).op));
    Operation operation{Operation::Kind::ternary, i, i, {}};
    operation.packed_input = input;
    if (at(i).find("bias") == nullptr) operation.norm = absorb(operation.result, Operator::batch_norm);
    absorb_add(operation);
    operation.prelu = absorb(operation.result, Operator::prelu);
    pack_result(operation);
    place(operation.result, std::move(operation));
  }

  void take_ternarise(int i) {
    Operation operation{Operation::Kind::ternarise, i, -1, {at(i).inputs[0]}};
    if (becomes_thresholds(operation.reads[0])) {
      operation.packed_norm = operation.reads[0];
      operation.reads[0] = at(operation.packed_norm).inputs[0];
    }
    operation.packed_output = i;
    place(i, std::move(operation));
  }

  // If `result` is read by one node of this kind alone, whose floats are needed, that becomes the result.
  int absorb(int& result, Operator op) {
    const int next = needs_.sole_consumer(result);
    if (next < 0 || at(next).op != op || !needs_.floats[index(next)]) return -1;
    fused_[index(next)] = true;
    return result = next;
  }

  void absorb_add(Operation& operation) {
    const int next = needs_.sole_consumer(operation.result);
    if (next < 0 || at(next).op != Operator::add || fused_[index(next)]) return;
    const std::vector<int>& operands = at(next).inputs;
    operation.reads.push_back(operands[operands[0] == operation.result ? 1 : 0]);
    fused_[index(next)] = true;
    operation.result = next;
  }

  bool becomes_thresholds(int node) const {
    return at(node).op == Operator::batch_norm && !needs_.floats[index(node)];
  }

  // An activation that is wanted as bits and reads `node`, or -1.
  int packed_activation_of(int node) const {
    for (const int reader : needs_.consumers[index(node)]) {
      if (is_activation(at(reader).op) && needs_.packed[index(reader)]) return reader;
    }
    return -1;
  }

  // The first activation of the result or of its batch norm; others are packed by steps of their own.
  void pack_result(Operation& operation) {
    operation.packed_output = packed_activation_of(operation.result);
    for (const int reader : needs_.consumers[index(operation.result)]) {
      if (operation.packed_output >= 0 || !becomes_thresholds(reader)) continue;
      operation.packed_output = packed_activation_of(reader);
      operation.packed_norm = reader;
    }
    if (operation.packed_output >= 0) packed_[index(operation.packed_output)] = true;
  }

  void place(int position, Operation operation) { operations_.push_back({position, std::move(operation)}); }

  const graph::Graph& graph_;
  Needs needs_;
  std::vector<bool> fused_;   // nodes that belong to the operation of an earlier one
  std::vector<bool> packed_;  // activations that such an operation packs
  std::vector<Placed> operations_;
};

}  // namespace

const graph::Node* node_at(const graph::Graph& graph, int position) {
  return position < 0 ? nullptr : &graph.nodes[static_cast<std::size_t>(position)];
}

std::vector<Operation> operations_of(const graph::Graph& graph) {
  return Patterns(graph).find();
}

int unflattened(const graph::Graph& graph, int node) {
  const auto at = [&](int i) -> const Node& { return graph.nodes[static_cast<std::size_t>(i)]; };
  while (at(node).op == Operator::flatten) node = at(node).inputs[0];
  return node;
}

bool is_activation(Operator op) {
  return op == Operator::ternary_activation || op == Operator::threshold_activation ||
         op == Operator::binary_activation;
}

}  // namespace tern::engine
