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

TernaryConvolution::MergedWeights BinaryBranchConv2d::merged_weights() {
  const NoGrad no_grad;
  const BinaryBranchWeights w = weights();
  return {w.ternary.value(), w.scale, bias_value()};
}

double BinaryBranchConv2d::zero_fraction() const {
  const NoGrad no_grad;
  return zero_fraction_of(weights().ternary.value());
}

Value BinaryBranchConv2d::trace(GraphBuilder& graph, Value x) const {
  LatentWeights latent{"sttn", {}};
  for (const auto& [name, variable] : named_parameters()) {
    latent.parameters.push_back({name, path() + name, variable.shape()});
  }
  const Shape& w = branch1_.weight().shape();
  return graph.ternary_conv2d(path(), x, w[0], convolution_window(w, {options_.stride, options_.padding}),
                              std::move(latent));
}

}  // namespace tern
