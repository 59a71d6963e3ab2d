#include "tern/models/sttn_block.h"

#include "tern/core/dotted_path.h"
#include "tern/layers/conv2d.h"
#include "tern/layers/functions/add.h"
#include "tern/layers/functions/cast.h"
#include "tern/layers/functions/max_pool2d.h"
#include "tern/layers/functions/pad_channels.h"
#include "tern/layers/functions/prelu.h"
#include "tern/layers/functions/scale_channels.h"
#include "tern/layers/functions/ternary_activation.h"

namespace tern {
namespace {

Conv2dOptions conv3x3(std::int64_t in_channels, std::int64_t out_channels, int stride) {
  Conv2dOptions options;
  options.in_channels = in_channels;
  options.out_channels = out_channels;
  options.stride = stride;
  options.padding = 1;
  return options;
}

}  // namespace

SttnBlock::SttnBlock(std::int64_t in_channels, std::int64_t out_channels, int stride,
                     const TernaryConvolutionFactory& make_convolution, const std::string& activations)
    : out_channels_(out_channels),
      stride_(stride),
      binary_(activations == "binary"),
      first_(add_half("1", conv3x3(in_channels, out_channels, stride), make_convolution)),
      second_(add_half("2", conv3x3(out_channels, out_channels, 1), make_convolution)) {}

SttnBlock::Half SttnBlock::add_half(const std::string& number, const Conv2dOptions& options,
                                    const TernaryConvolutionFactory& make) {
  auto& bn = add_module("bn" + number, std::make_unique<BatchNorm2d>(options.in_channels));
  auto& prelu = add_module("prelu" + number, std::make_unique<PReLU>(options.out_channels));
  auto& conv = add_module("conv" + number, make(options));
  auto& bn_add = add_module("bn_add" + number, std::make_unique<BatchNorm2d>(options.out_channels));
  return {bn, prelu, conv, bn_add};
}

TernaryVariable SttnBlock::activate(Half& half, const Variable& x) const {
  if (binary_) return binary_activation(half.bn.forward(x));
  return batch_norm_ternary(x, half.bn.arguments());
}

Variable SttnBlock::run(Half& half, const Variable& x, const Variable& shortcut) const {
  const TernaryVariable ternary = activate(half, x);
  const BatchNormArguments bn_add = half.bn_add.arguments(half.conv.bias_value());
  const TernaryConv2d::Integer integer = half.conv.integer_forward(ternary, bn_add.training);
  if (!integer.scale.requires_grad()) {
    return scale_batch_norm_add_prelu(integer.z, integer.scale.value(), bn_add, shortcut, half.prelu.slope());
  }
  const Variable normalised = batch_norm(scale_channels(integer.z.values, integer.scale), bn_add);
  return prelu(add(cast(normalised, shortcut.value().dtype()), shortcut), half.prelu.slope());
}

Variable SttnBlock::forward(const Variable& x) {
  Variable shortcut = x;
  if (stride_ > 1) shortcut = max_pool2d(shortcut, {2, stride_});
  if (out_channels_ != x.shape()[3]) shortcut = pad_channels(shortcut, out_channels_);
  const Variable middle = run(first_, x, shortcut);
  return run(second_, middle, middle);
}

Value SttnBlock::trace_half(const Half& half, const std::string& number, GraphBuilder& graph, Value x,
                            Value shortcut) const {
  const auto name = [&](const char* part) { return join_path(path(), part + number); };
  const Value norm = half.bn.trace(graph, x);
  const Value ternary = binary_ ? graph.binary_activation(name("binary"), norm)
                                : graph.ternary_activation(name("ternary"), norm);
  const Value normalised = half.bn_add.trace(graph, half.conv.trace(graph, ternary));
  return half.prelu.trace(graph, graph.add(name("add"), normalised, shortcut));
}

Value SttnBlock::trace(GraphBuilder& graph, Value x) const {
  Value shortcut = x;
  if (stride_ > 1) {
    shortcut =
        graph.max_pool2d(join_path(path(), "shortcut.pool"), shortcut, graph::Window::square(2, stride_, 0));
  }
  if (out_channels_ != graph.shape(x)[2]) {
    shortcut = graph.pad_channels(join_path(path(), "shortcut.pad"), shortcut, out_channels_);
  }
  const Value middle = trace_half(first_, "1", graph, x, shortcut);
  return trace_half(second_, "2", graph, middle, middle);
}

}  // namespace tern
