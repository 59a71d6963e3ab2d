#include "tern/models/sttn_block.h"

#include "tern/core/dotted_path.h"
#include "tern/layers/conv2d.h"
#include "tern/layers/functions/add.h"
#include "tern/layers/functions/cast.h"
#include "tern/layers/functions/max_pool2d.h"
#include "tern/layers/functions/pad_channels.h"
#include "tern/layers/functions/scale_channels.h"
#include "tern/layers/functions/ternary_activation.h"
#include "tern/layers/pooling.h"

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
                     const ConvolutionFactory& make_convolution, const SttnBlockOptions& options)
    : out_channels_(out_channels),
      stride_(stride),
      binary_(options.activations == "binary"),
      first_(add_half("1", conv3x3(in_channels, out_channels, stride), make_convolution, options)),
      second_(add_half("2", conv3x3(out_channels, out_channels, 1), make_convolution, options)) {
  const bool changes = stride > 1 || in_channels != out_channels;
  if (changes && options.shortcut == Shortcut::avgpool_conv1x1) add_downsample(in_channels);
}

void SttnBlock::add_downsample(std::int64_t in_channels) {
  downsample_ = &add_module("downsample", std::make_unique<Sequential>());
  if (stride_ > 1) downsample_->add(std::make_unique<AvgPool2d>(kernels::PoolWindow{2, stride_}));
  Conv2dOptions convolution;
  convolution.in_channels = in_channels;
  convolution.out_channels = out_channels_;
  convolution.kernel_size = 1;
  downsample_->add(std::make_unique<Conv2d>(convolution));
  downsample_->add(std::make_unique<BatchNorm2d>(out_channels_));
}

SttnBlock::Half SttnBlock::add_half(const std::string& number, const Conv2dOptions& convolution,
                                    const ConvolutionFactory& make, const SttnBlockOptions& options) {
  const std::int64_t out_channels = convolution.out_channels;
  auto& bn = add_module("bn" + number, std::make_unique<BatchNorm2d>(convolution.in_channels));
  std::unique_ptr<Module> activation = std::make_unique<PReLU>(out_channels);
  if (options.activation == BlockActivation::rprelu) activation = std::make_unique<RPReLU>(out_channels);
  Module& prelu = add_module("prelu" + number, std::move(activation));
  auto& conv = add_module("conv" + number, make(convolution));
  auto& bn_add = add_module("bn_add" + number, std::make_unique<BatchNorm2d>(out_channels));
  ThresholdActivation* threshold = nullptr;
  if (options.activations == "learned") {
    threshold =
        &add_module("threshold" + number, std::make_unique<ThresholdActivation>(convolution.in_channels));
  }
  return {bn, prelu, conv, dynamic_cast<TernaryConv2d*>(&conv), bn_add, threshold};
}

TernaryVariable SttnBlock::activate(Half& half, const Variable& x) const {
  if (half.threshold != nullptr) return half.threshold->forward(half.bn.forward(x));
  if (binary_) return binary_activation(half.bn.forward(x));
  return batch_norm_ternary(x, half.bn.arguments());
}

// y: of the convolution.
Variable SttnBlock::run_unfused(Half& half, const Variable& y, const BatchNormArguments& bn_add,
                                const Variable& shortcut) const {
  return half.prelu.forward(add(cast(batch_norm(y, bn_add), shortcut.value().dtype()), shortcut));
}

Variable SttnBlock::run(Half& half, const TernaryVariable& ternary, const Variable& shortcut) const {
  if (half.ternary_conv == nullptr)
    return run_unfused(half, half.conv.forward(ternary.values), half.bn_add.arguments(), shortcut);
  const BatchNormArguments bn_add = half.bn_add.arguments(half.ternary_conv->bias_value());
  const TernaryConv2d::Integer integer = half.ternary_conv->integer_forward(ternary, bn_add.training);
  if (integer.scale.requires_grad())
    return run_unfused(half, scale_channels(integer.z.values, integer.scale), bn_add, shortcut);
  const Tensor scale = integer.scale.value();
  if (const auto* rprelu = dynamic_cast<const RPReLU*>(&half.prelu)) {
    return scale_batch_norm_add_rprelu(integer.z, scale, bn_add, shortcut, rprelu->slope(), rprelu->shift(),
                                       rprelu->bias());
  }
  return scale_batch_norm_add_prelu(integer.z, scale, bn_add, shortcut,
                                    static_cast<const PReLU&>(half.prelu).slope());
}

Variable SttnBlock::shortcut(const Variable& x) const {
  if (downsample_ != nullptr) return downsample_->forward(x);
  const bool widens = out_channels_ != x.shape()[3];
  if (stride_ == 1) return widens ? pad_channels(x, out_channels_) : x;
  const kernels::PoolWindow window{2, stride_};
  return widens ? max_pool2d_pad_channels(x, window, out_channels_) : max_pool2d(x, window);
}

Variable SttnBlock::forward(const Variable& x) {
  // The batch norm before the shortcut: so its backward is the last of both, and adds what the shortcut's
  // gives.
  const TernaryVariable ternary = activate(first_, x);
  const Variable middle = run(first_, ternary, shortcut(x));
  return run(second_, activate(second_, middle), middle);
}

Value SttnBlock::trace_half(const Half& half, const std::string& number, GraphBuilder& graph, Value x,
                            Value shortcut) const {
  const auto name = [&](const char* part) { return join_path(path(), part + number); };
  const Value norm = half.bn.trace(graph, x);
  const Value ternary = half.threshold != nullptr ? half.threshold->trace(graph, norm)
                        : binary_                 ? graph.binary_activation(name("binary"), norm)
                                                  : graph.ternary_activation(name("ternary"), norm);
  const Value normalised = half.bn_add.trace(graph, half.conv.trace(graph, ternary));
  return half.prelu.trace(graph, graph.add(name("add"), normalised, shortcut));
}

Value SttnBlock::trace_shortcut(GraphBuilder& graph, Value x) const {
  if (downsample_ != nullptr) return downsample_->trace(graph, x);
  Value shortcut = x;
  if (stride_ > 1) {
    shortcut =
        graph.max_pool2d(join_path(path(), "shortcut.pool"), shortcut, graph::Window::square(2, stride_, 0));
  }
  if (out_channels_ != graph.shape(x)[2]) {
    shortcut = graph.pad_channels(join_path(path(), "shortcut.pad"), shortcut, out_channels_);
  }
  return shortcut;
}

Value SttnBlock::trace(GraphBuilder& graph, Value x) const {
  const Value middle = trace_half(first_, "1", graph, x, trace_shortcut(graph, x));
  return trace_half(second_, "2", graph, middle, middle);
}

}  // namespace tern
