#include "tern/models/engine/ternary_layer.h"

#include <algorithm>

#include "tern/kernels/cpu/packed/weights.h"
#include "tern/models/engine/larger.h"
#include "tern/models/engine/padded.h"

namespace tern::engine {

packed::ConvolutionShape TernaryLayer::convolution(const Stream& input, const Stream& output) {
  packed::ConvolutionShape shape;
  shape.height = shape.width = input.size;
  shape.channels = input.channels;
  shape.filters = output.channels;
  shape.kernel_height = shape.kernel_width = 3;
  shape.stride = input.size / output.size;
  shape.padding = shape.border = 1;
  return shape;
}

TernaryLayer::TernaryLayer(ModelReader& model, const std::string& block, const std::string& number,
                           const Stream& input, const Stream& output, std::size_t packed_input)
    : shape_(convolution(input, output)), input_(input), output_(output), packed_input_(packed_input) {
  const NormTerms first = model.batch_norm(block + ".bn" + number, input.channels);
  thresholds_ = {first.mean.data(), first.gain.data(), first.beta.data(), input.channels};
  const std::string weight = block + ".conv" + number + ".weight";
  weights_ = packed::arrange_weights(packed::kernels(), shape_,
                                     model.ternary(weight, {output.channels, 3, 3, input.channels}).data());
  scale_ = padded(model.floats(weight + ".scale", {output.channels}), packed::kLanes);
  NormTerms second = model.batch_norm(block + ".bn_add" + number, output.channels);
  mean_ = padded(std::move(second.mean), packed::kLanes);
  gain_ = padded(std::move(second.gain), packed::kLanes);
  beta_ = padded(std::move(second.beta), packed::kLanes);
  slope_ = padded(model.floats(block + ".prelu" + number + ".weight", {output.channels}), packed::kLanes);
}

packed::PackedOutput TernaryLayer::packing(const Arena& arena) const {
  return {thresholds_.view(), arena.at<std::uint64_t>(packed_input_), shape_.border};
}

void TernaryLayer::run(const Arena& arena, const Member& member, const TernaryLayer* next) const {
  const Member::Range rows = member.share_of(output_.size);
  const float* x = arena.at<float>(input_.offset);
  float* y = arena.at<float>(output_.offset);
  if (shape_.stride > 1) {
    for (int row = rows.first; row < rows.last; ++row) pool_shortcut(x, row, y);
  }
  const packed::Epilogue epilogue{scale_.data(), mean_.data(), gain_.data(), beta_.data(), slope_.data()};
  const packed::PackedOutput packed = next == nullptr ? packed::PackedOutput{} : next->packing(arena);
  packed::kernels().convolve_fused(shape_, arena.at<std::uint64_t>(packed_input_), weights_.data(), epilogue,
                                   y, rows.first, rows.last, y, packed);
}

/// Max pool 2x2 of stride 2, followed by zero channels.
void TernaryLayer::pool_shortcut(const float* x, int row, float* y) const {
  const std::ptrdiff_t pixel = input_.channels, line = pixel * input_.size;
  const float* window = x + 2 * row * line;
  float* to = y + static_cast<std::ptrdiff_t>(row) * output_.size * output_.channels;
  for (int column = 0; column < output_.size; ++column, window += 2 * pixel, to += output_.channels) {
    std::copy_n(window, input_.channels, to);
    for (const std::ptrdiff_t tap : {pixel, line, line + pixel})
      take_larger(window + tap, input_.channels, to);
    std::fill(to + input_.channels, to + output_.channels, 0.0F);
  }
}

}  // namespace tern::engine
