#pragma once

#include "tern/layers/ternary/ternary_weights.h"

namespace tern {

/// Weights that are merged already, with nothing to train: buffers weight, i8 in {-1, 0, +1}, and scale (O).
/// They have no bias, and no method.
class FixedTernaryWeights : public TernaryWeights {
 public:
  explicit FixedTernaryWeights(const Shape& weight);

  std::string method() const override { return ""; }
  TernaryVariables ternarise() override { return {Variable(weight_), Variable(scale_)}; }

  /// For weights from outside: throws DataError naming the layer if a weight is not ternary or a scale is
  /// negative, NaN or infinite.
  void check() const;
  const Tensor& weight() const { return weight_; }

 private:
  Tensor& weight_;
  Tensor& scale_;
};

/// Throws ShapeError if a bias is asked for.
TernaryMethod merged_weights();

}  // namespace tern
