#pragma once

#include "tern/layers/conv2d.h"
#include "tern/layers/functions/binary_branch_weights.h"
#include "tern/layers/ternary_convolution.h"

namespace tern {

/// The latent weights of one binary branch: parameters weight (O, KH, KW, I), and bias (O) where the layer
/// has one.
class BinaryBranch : public ParameterContainer {
 public:
  explicit BinaryBranch(const Conv2dOptions& options);

  const Variable& weight() const { return weight_; }
  const Variable& bias() const { return bias_; }

 private:
  Variable& weight_;
  Variable bias_;
};

/// Two parallel binary branches that share alpha, trained by one convolution (STTN, section 3; official code:
/// BinConv2d). The branches are the children "1" and "2", joined to the layer's own name by "_" as in the
/// official network: conv1_1.weight, conv1_2.weight.
class BinaryBranchConv2d : public TernaryConvolution {
 public:
  BinaryBranchConv2d(const Conv2dOptions& options, WeightGradientRule rule);

  /// 2 * alpha * conv(x, T) + bias_1 + bias_2. x is i8 in {-1, 0, +1}.
  Variable forward(const Variable& x) override;
  Integer integer_forward(const TernaryVariable& x, bool with_sums) override;
  Tensor bias_value() const override;
  MergedWeights merged_weights() override;
  double zero_fraction() const override;
  Value trace(GraphBuilder& graph, Value x) const override;

  const Conv2dOptions& options() const { return options_; }
  const BinaryBranch& branch(int index) const { return index == 0 ? branch1_ : branch2_; }
  /// T and 2 * alpha of the weights as they are.
  BinaryBranchWeights weights() const {
    return binary_branch_weights(branch1_.weight(), branch2_.weight(), rule_);
  }

 private:
  Conv2dOptions options_;
  WeightGradientRule rule_;
  BinaryBranch& branch1_;
  BinaryBranch& branch2_;
};

}  // namespace tern
