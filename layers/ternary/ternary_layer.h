#pragma once

#include <memory>

#include "tern/layers/module.h"
#include "tern/layers/ternary/ternary_weights.h"

namespace tern {

/// A layer with ternary weights, made by any method. Its parameters are those of the method, named as the
/// layer's own.
class TernaryLayer : public Module {
 public:
  const TernaryWeights& weights() const { return weights_; }
  /// What the layer becomes once it is trained.
  MergedWeights merged_weights() const { return weights_.merged(); }
  /// Share of zeros among the ternary weights, in [0, 1].
  double zero_fraction() const;
  /// The bias (O), detached from the graph; undefined if the layer has none.
  Tensor bias_value() const;

 protected:
  explicit TernaryLayer(std::unique_ptr<TernaryWeights> weights);

  TernaryWeights& weights_;
};

}  // namespace tern
