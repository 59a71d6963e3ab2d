#include "tern/layers/binary_branch_conv2d.h"

#include "tern/core/error.h"
#include "tern/kernels/add.h"
#include "tern/layers/functions/add.h"
#include "tern/layers/functions/ternary_conv2d.h"
#include "tern/layers/zero_fraction.h"

namespace tern {

BinaryBranch::BinaryBranch(const Conv2dOptions& o)
    : weight_(register_parameter(
          "weight", Tensor::zeros({o.out_channels, o.kernel_size, o.kernel_size, o.in_channels}))) {
  if (o.bias) bias_ = register_parameter("bias", Tensor::zeros({o.out_channels}));
}

Variable BinaryBranch::forward(const Variable&) {
  throw Error(path() + ": a single binary branch is not a layer; run the pair (BinaryBranchConv2d)");
}

Shape BinaryBranch::describe(const Shape&, Description&) const {
  throw Error(path() + ": a single binary branch is not a layer; describe the pair (BinaryBranchConv2d)");
}

BinaryBranchConv2d::BinaryBranchConv2d(const Conv2dOptions& options, WeightGradientRule rule)
    : options_(options),
      rule_(rule),
      branch1_(add_module("1", std::make_unique<BinaryBranch>(options), '_')),
      branch2_(add_module("2", std::make_unique<BinaryBranch>(options), '_')) {}

Variable BinaryBranchConv2d::forward(const Variable& x) {
  const BinaryBranchWeights w = weights();
  const Variable bias = options_.bias ? add(branch1_.bias(), branch2_.bias()) : Variable();
  return scaled_ternary_conv2d(x, w.ternary, w.scale, bias, {options_.stride, options_.padding});
}

TernaryConvolution::Integer BinaryBranchConv2d::integer_forward(const TernaryVariable& x, bool with_sums) {
  const BinaryBranchWeights w = weights();
  return {integer_convolution(x, w.ternary, {options_.stride, options_.padding}, with_sums), w.scale};
}

Tensor BinaryBranchConv2d::bias_value() const {
  return options_.bias ? kernels::add(branch1_.bias().value(), branch2_.bias().value()) : Tensor();
}

double BinaryBranchConv2d::zero_fraction() const {
  const NoGrad no_grad;
  return zero_fraction_of(weights().ternary.value());
}

Shape BinaryBranchConv2d::describe(const Shape& x, Description& description) const {
  const Shape w = branch1_.weight().shape();
  const Shape y =
      kernels::conv2d_output_shape("binary_branch_conv2d", x, w, {options_.stride, options_.padding});
  const std::int64_t biases = options_.bias ? 2 * options_.out_channels : 0;
  description.add({path(), "binary_branch_conv2d", y, 2 * w.numel() + biases, 32, multiply_adds(y, w)});
  return y;
}

}  // namespace tern
