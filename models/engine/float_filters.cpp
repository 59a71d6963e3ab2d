#include "tern/models/engine/float_filters.h"

#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/models/engine/padded.h"

namespace tern::engine {

FloatFilters::FloatFilters(ModelReader& model, const graph::Node& node, int filters)
    : kernels_(floats::kernels_for(packed::kernels().name)) {
  const std::vector<float> weights =
      node.op == graph::Operator::conv2d ? model.convolution_weights(node) : model.floats(node, "weight");
  taps_ = static_cast<std::ptrdiff_t>(weights.size()) / filters;
  weights_ = floats::arrange_filters(weights.data(), filters, static_cast<int>(taps_));
  bias_ = padded(node.find("bias") != nullptr ? model.floats(node, "bias")
                                              : std::vector<float>(static_cast<std::size_t>(filters), -0.0F),
                 kGroup);
}

void FloatFilters::run(const floats::Windows& windows, int count, int first, int last, float* y,
                       std::ptrdiff_t y_step) const {
  kernels_.windows(windows, count, weights_.data() + first * taps_, bias_.data() + first, last - first,
                   y + first, y_step);
}

}  // namespace tern::engine
