#pragma once

#include "tern/layers/conv2d.h"
#include "tern/layers/ternary_convolution.h"

namespace tern {

/// A merged convolution: buffers weight (O, KH, KW, I), i8 in {-1, 0, +1}, and scale (O) = 2 * alpha. It
/// has no bias (the merge folds biases into the batch norm that follows) and nothing to train.
class TernaryConv2d : public TernaryConvolution {
 public:
  explicit TernaryConv2d(const Conv2dOptions& options);

  /// scale * conv(x, weight). x is i8 in {-1, 0, +1}.
  Variable forward(const Variable& x) override;
  Integer integer_forward(const TernaryVariable& x, bool with_sums) override;
  Tensor bias_value() const override { return Tensor(); }
  MergedWeights merged_weights() override { return {weight_, scale_, Tensor()}; }
  double zero_fraction() const override;
  Value trace(GraphBuilder& graph, Value x) const override;

  /// For weights from outside: throws DataError naming the layer if a weight is not ternary or a scale is
  /// negative, NaN or infinite.
  void check() const;
  const Tensor& weight() const { return weight_; }
  const Tensor& scale() const { return scale_; }

 private:
  kernels::Conv2dParameters parameters_;
  Tensor& weight_;
  Tensor& scale_;
};

}  // namespace tern
