#include "tern/models/float_block.h"

#include "tern/core/dotted_path.h"
#include "tern/layers/functions/add.h"
#include "tern/layers/functions/relu.h"

namespace tern {
namespace {

Conv2dOptions square_conv(std::int64_t in_channels, std::int64_t out_channels, int kernel_size, int stride) {
  Conv2dOptions options;
  options.in_channels = in_channels;
  options.out_channels = out_channels;
  options.kernel_size = kernel_size;
  options.stride = stride;
  options.padding = kernel_size / 2;
  return options;
}

}  // namespace

FloatBlock::FloatBlock(std::int64_t in_channels, std::int64_t width, int stride, bool bottleneck) {
  const std::int64_t out_channels = width * expansion(bottleneck);
  if (bottleneck) {
    add_step(square_conv(in_channels, width, 1, 1));
    add_step(square_conv(width, width, 3, stride));
    add_step(square_conv(width, out_channels, 1, 1));
  } else {
    add_step(square_conv(in_channels, width, 3, stride));
    add_step(square_conv(width, width, 3, 1));
  }
  if (stride == 1 && in_channels == out_channels) return;
  downsample_ = &add_module("downsample", std::make_unique<Sequential>());
  downsample_->add(std::make_unique<Conv2d>(square_conv(in_channels, out_channels, 1, stride)));
  downsample_->add(std::make_unique<BatchNorm2d>(out_channels));
}

void FloatBlock::add_step(const Conv2dOptions& options) {
  const std::string number = std::to_string(steps_.size() + 1);
  auto& conv = add_module("conv" + number, std::make_unique<Conv2d>(options));
  auto& bn = add_module("bn" + number, std::make_unique<BatchNorm2d>(options.out_channels));
  steps_.push_back({conv, bn});
}

Variable FloatBlock::forward(const Variable& x) {
  Variable y = x;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    y = steps_[i].bn.forward(steps_[i].conv.forward(y));
    if (i + 1 < steps_.size()) y = relu(y);
  }
  return relu(add(y, downsample_ != nullptr ? downsample_->forward(x) : x));
}

Value FloatBlock::trace(GraphBuilder& graph, Value x) const {
  Value y = x;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    y = steps_[i].bn.trace(graph, steps_[i].conv.trace(graph, y));
    if (i + 1 < steps_.size()) y = graph.relu(join_path(path(), "relu" + std::to_string(i + 1)), y);
  }
  const Value shortcut = downsample_ != nullptr ? downsample_->trace(graph, x) : x;
  return graph.relu(join_path(path(), "relu"), graph.add(join_path(path(), "add"), y, shortcut));
}

}  // namespace tern
