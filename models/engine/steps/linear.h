// Of floats: y = weight x + bias. Sums are added up in the order of the inputs, then the bias.
#pragma once

#include "tern/models/engine/float_filters.h"
#include "tern/models/engine/step.h"

namespace tern::engine {

class LinearStep final : public Step {
 public:
  LinearStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
             const ActivationMap& result);

  /// Computes this member's outputs.
  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override;

 private:
  /// Groups of outputs, which members share.
  int groups() const { return (result_.channels + FloatFilters::kGroup - 1) / FloatFilters::kGroup; }

  ActivationMap x_, result_;
  FloatFilters filters_;
};

}  // namespace tern::engine
