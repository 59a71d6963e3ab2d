#pragma once

#include <string>

#include "tern/layers/graph/graph.h"

namespace tern {

/// Stored in a few bits each: the weight of a ternary operator.
inline bool is_ternary_weight(const graph::Node& node, const graph::Parameter& parameter) {
  return is_ternary(node.op) && parameter.role == "weight";
}

/// The name of a merged network's parameter in files: for the ternary operator a "a.weight.trits"
/// (trits_code.h) or, of four levels, "a.weight.levels" (levels_code.h), and "a.weight.scale"; its own name
/// for all else.
inline std::string stored_name(const graph::Node& node, const graph::Parameter& parameter) {
  if (is_ternary_weight(node, parameter)) {
    return parameter.name + (node.levels == WeightLevels::four ? ".levels" : ".trits");
  }
  if (is_ternary(node.op) && parameter.role == "scale") return node.name + ".weight.scale";
  return parameter.name;
}

}  // namespace tern
