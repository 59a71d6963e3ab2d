#include "tern/layers/ternary/ternary_conv2d.h"

#include "tern/layers/functions/ternary_conv2d.h"

namespace tern {
namespace {

Shape weight_shape(const Conv2dOptions& o) {
  return {o.out_channels, o.kernel_size, o.kernel_size, o.in_channels};
}

}  // namespace

TernaryConv2d::TernaryConv2d(const Conv2dOptions& options, const TernaryMethod& method)
    : TernaryLayer(method(weight_shape(options), options.bias)), options_(options) {}

Variable TernaryConv2d::forward(const Variable& x) {
  const TernaryVariables w = weights_.ternarise();
  return scaled_ternary_conv2d(x, w.ternary, w.scale, weights_.bias(), parameters(), weights_.levels());
}

TernaryConv2d::Integer TernaryConv2d::integer_forward(const TernaryVariable& x, bool with_sums) {
  const TernaryVariables w = weights_.ternarise();
  return {integer_convolution(x, w.ternary, parameters(), with_sums, weights_.levels()), w.scale};
}

Value TernaryConv2d::trace(GraphBuilder& graph, Value x) const {
  const graph::Window window = convolution_window(weight_shape(options_), parameters());
  return graph.ternary_conv2d(path(), x, options_.out_channels, window, weights_.latent());
}

}  // namespace tern
