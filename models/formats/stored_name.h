#pragma once

#include <string>

#include "tern/layers/graph/graph.h"

namespace tern {

/// Stored at five trits a byte: the weight of a ternary operator.
inline bool is_trits(const graph::Node& node, const graph::Parameter& parameter) {
  return is_ternary(node.op) && parameter.role == "weight";
}

/// The name of a merged network's parameter in files: "a.weight.trits" and "a.weight.scale" for the ternary
/// operator a, its own name for all else.
inline std::string stored_name(const graph::Node& node, const graph::Parameter& parameter) {
  if (is_trits(node, parameter)) return parameter.name + ".trits";
  if (is_ternary(node.op) && parameter.role == "scale") return node.name + ".weight.scale";
  return parameter.name;
}

}  // namespace tern
