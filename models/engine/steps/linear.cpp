#include "tern/models/engine/steps/linear.h"

#include <algorithm>

namespace tern::engine {

LinearStep::LinearStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
                       const ActivationMap& result)
    : x_(x), result_(result) {
  const std::vector<float> weights = model.floats(node, "weight");
  if (node.find("bias") != nullptr) bias_ = model.floats(node, "bias");
  weights_.resize(weights.size());
  const auto inputs = static_cast<std::size_t>(x.channels),
             outputs = static_cast<std::size_t>(result.channels);
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) weights_[i * outputs + o] = weights[o * inputs + i];
  }
}

void LinearStep::run(const Run& run, const Member& member) const {
  const Member::Range outputs = member.share_of(result_.channels);
  const int count = outputs.last - outputs.first;
  const float* __restrict x = run.floats(x_);
  float* __restrict y = run.floats(result_) + outputs.first;
  std::fill_n(y, count, 0.0F);
  const float* w = weights_.data() + outputs.first;
  for (int i = 0; i < x_.channels; ++i, w += result_.channels) {
    for (int o = 0; o < count; ++o) y[o] += w[o] * x[i];
  }
  if (bias_.empty()) return;
  for (int o = 0; o < count; ++o) y[o] += bias_[static_cast<std::size_t>(outputs.first + o)];
}

}  // namespace tern::engine
