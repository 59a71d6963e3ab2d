#pragma once

#include <map>
#include <string>
#include <vector>

#include "tern/layers/functions/batch_norm.h"
#include "tern/layers/functions/ternary_variable.h"
#include "tern/layers/module.h"
#include "tern/models/merge.h"

namespace tern {

/// A merged network as a module: runs its graph by the layers' functions, on any device. What layers compute
/// in one pass (batch norm + ternarisation; scale + batch norm + shortcut + PReLU) it does, too, so that its
/// numbers are those of the trained network to the bit, whatever the precision. Its tensors are buffers:
/// there is nothing to train.
class GraphModule : public Module {
 public:
  /// Throws DataError naming the tensor if one is missing or of another shape, a weight is not ternary or a
  /// scale is negative or not finite; Error naming the node if the graph is not merged.
  explicit GraphModule(MergedNetwork network);

  /// x (N, H, W, C), f32, to logits (N, classes), f32.
  Variable forward(const Variable& x) override;
  Value trace(GraphBuilder& graph, Value x) const override;

  const graph::Graph& graph() const { return graph_; }
  /// The graph and its tensors.
  MergedNetwork merged() const;

 private:
  using Values = std::vector<TernaryVariable>;

  const Tensor& tensor(const graph::Node& node, std::string_view role) const;
  Variable parameter(const graph::Node& node, std::string_view role) const;
  BatchNormArguments batch_norm_arguments(const graph::Node& node) const;
  const graph::Node& input_of(const graph::Node& node, std::size_t i = 0) const;
  void find_fused();
  TernaryVariable compute(const graph::Node& node, const Values& values) const;
  TernaryVariable compute_fused(const graph::Node& node, const Values& values) const;
  Variable ternary_linear(const graph::Node& node, const Variable& x) const;

  graph::Graph graph_;
  std::map<std::string, Tensor*> tensors_;  // by name; their owners are below this module
  // For each node: computed by another, which fuses it; and the last node that reads its value.
  std::vector<bool> fused_away_, fuses_;
  std::vector<std::size_t> last_use_;
};

}  // namespace tern
