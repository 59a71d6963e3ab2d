// A ternary convolution and what follows it, in one pass: scale, batch norm or bias, shortcut, PReLU, and the
// activation (with its batch norm) that the next one reads. Floats and bits are those of the unfused layers
// (kernels/cpu/packed).
//
// A ternary linear layer is a convolution whose window is the whole map.
#pragma once

#include <vector>

#include "tern/kernels/cpu/packed/weights.h"
#include "tern/models/engine/operations.h"
#include "tern/models/engine/packing.h"

namespace tern::engine {

class TernaryStep final : public Step {
 public:
  /// `shortcut` is null if nothing is added; it may lie where `result` does.
  TernaryStep(ModelReader& model, const graph::Graph& graph, const Operation& operation, const PackedMap& x,
              const ActivationMap* shortcut, const ActivationMap& result, Packing packing);

  /// The activations that it reads.
  const PackedMap& input() const { return x_; }

  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override;

 private:
  /// Filters from `first` on, a convolution of their own.
  struct Filters {
    int first;
    packed::ConvolutionShape shape;
    packed::ArrangedWeights weights;
  };

  void arrange(ModelReader& model, const graph::Node& node);
  packed::Epilogue epilogue(int first_filter) const;
  void run_rows(const Run& run, const Member::Range& rows) const;
  void run_filters(const Run& run, const Filters& filters) const;

  PackedMap x_;
  bool has_shortcut_;
  ActivationMap shortcut_, result_;
  Packing packing_;
  std::vector<float> scale_, mean_, gain_, beta_, slope_;
  std::vector<Filters> filters_;  // several for a vector, whose threads have no rows to share
};

}  // namespace tern::engine
