#include "tern/models/engine/needs.h"

#include <algorithm>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/models/engine/operations.h"

namespace tern::engine {

using graph::Operator;

Needs::Needs(const graph::Graph& graph) : consumers(graph.consumers()), output_(graph.output) {
  const std::size_t count = graph.nodes.size();
  floats.assign(count, false);
  packed.assign(count, false);
  for (std::size_t i = count; i-- > 0;) {  // consumers first
    const int node = static_cast<int>(i);
    require<DataError>(node == graph.output || !consumers[i].empty(),
                       "{}: nothing reads the result of this {}", graph.nodes[i].name,
                       to_string(graph.nodes[i].op));
    bool as_bits = false;
    floats[i] = node == graph.output;
    for (const int consumer : consumers[i]) {
      const auto c = static_cast<std::size_t>(consumer);
      floats[i] = floats[i] || wants_floats(graph, node, consumer);
      as_bits =
          as_bits || is_ternary(graph.nodes[c].op) || (graph.nodes[c].op == Operator::flatten && packed[c]);
    }
    // A flatten passes on that its input is wanted as bits.
    packed[i] = as_bits && (is_activation(graph.nodes[i].op) || graph.nodes[i].op == Operator::flatten);
  }
}

bool Needs::wants_floats(const graph::Graph& graph, int node, int consumer) const {
  const auto c = static_cast<std::size_t>(consumer);
  const Operator op = graph.nodes[c].op;
  if (is_ternary(op)) return false;
  if (op == Operator::flatten) return floats[c];
  if (is_activation(op)) {
    return floats[c] || (packed[c] && graph.nodes[static_cast<std::size_t>(node)].op != Operator::batch_norm);
  }
  if (op == Operator::batch_norm) return floats[c] || thresholds_read(graph, consumer);
  return true;
}

bool Needs::thresholds_read(const graph::Graph& graph, int norm) const {
  const auto& readers = consumers[static_cast<std::size_t>(norm)];
  return std::any_of(readers.begin(), readers.end(), [&](int reader) {
    const auto r = static_cast<std::size_t>(reader);
    return is_activation(graph.nodes[r].op) && packed[r];
  });
}

int Needs::sole_consumer(int node) const {
  const auto& readers = consumers[static_cast<std::size_t>(node)];
  return node != output_ && readers.size() == 1 ? readers.front() : -1;
}

}  // namespace tern::engine
