#include "tern/layers/whitened_conv2d.h"

#include "tern/layers/conv2d.h"
#include "tern/layers/functions/conv2d.h"

namespace tern {
namespace {

constexpr std::int64_t kSize = 3;

Tensor copying_filters(std::int64_t channels) {
  const std::int64_t values = kSize * kSize * channels;
  Tensor filters = Tensor::zeros({2 * values, kSize, kSize, channels});
  for (std::int64_t k = 0; k < values; ++k) {
    filters.data<float>()[k * values + k] = 1;
    filters.data<float>()[(values + k) * values + k] = -1;
  }
  return filters;
}

}  // namespace

WhitenedConv2d::WhitenedConv2d(std::int64_t in_channels)
    : weight_(register_buffer("weight", copying_filters(in_channels))),
      bias_(register_parameter("bias", Tensor::zeros({weight_.dim(0)}), ParameterRole::bias)) {}

Variable WhitenedConv2d::forward(const Variable& x) {
  return conv2d(x, Variable(weight_), bias_, kParameters);
}

Value WhitenedConv2d::trace(GraphBuilder& graph, Value x) const {
  return graph.conv2d(path(), x, out_channels(), convolution_window(weight_.shape(), kParameters), true);
}

PatchStatistics WhitenedConv2d::patches() const {
  return {kSize, weight_.dim(3)};
}

void WhitenedConv2d::whiten(const PatchStatistics& patches) {
  const PatchMap map = whitening(patches);
  weight_.copy_from(map.filters);
  bias_.mutable_value().copy_from(map.bias);
}

}  // namespace tern
