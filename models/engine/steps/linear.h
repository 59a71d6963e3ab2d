// Of floats: y = weight x + bias. Sums are added up in the order of the inputs, then the bias.
#pragma once

#include <vector>

#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/step.h"

namespace tern::engine {

class LinearStep final : public Step {
 public:
  LinearStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
             const ActivationMap& result);

  /// Computes this member's outputs.
  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_all(x_), writes_channels(result_)}; }

 private:
  ActivationMap x_, result_;
  /// (inputs, outputs): all outputs grow side by side, without sums across a vector.
  std::vector<float> weights_;
  std::vector<float> bias_;  // perhaps empty
};

}  // namespace tern::engine
