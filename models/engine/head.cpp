#include "tern/models/engine/head.h"

#include <algorithm>

namespace tern::engine {

Head::Head(ModelReader& model, const Stream& input, ArenaLayout& layout)
    : input_(input), averages_(layout.reserve(static_cast<std::size_t>(input.channels) * sizeof(float))) {
  const std::int64_t classes = model.config().classes, channels = input.channels;
  const std::vector<float> weights = model.floats("fc.weight", {classes, channels});
  bias_ = model.floats("fc.bias", {classes});
  weights_.resize(weights.size());
  for (std::int64_t o = 0; o < classes; ++o) {
    for (std::int64_t c = 0; c < channels; ++c) {
      weights_[static_cast<std::size_t>(c * classes + o)] =
          weights[static_cast<std::size_t>(o * channels + c)];
    }
  }
}

void Head::pool(const Arena& arena, const Member& member) const {
  const Member::Range channels = member.share_of(input_.channels);
  const float* x = arena.at<float>(input_.offset);
  float* __restrict mean = arena.at<float>(averages_);
  const int pixels = input_.size * input_.size;
  std::fill(mean + channels.first, mean + channels.last, 0.0F);
  for (int pixel = 0; pixel < pixels; ++pixel, x += input_.channels) {
    for (int c = channels.first; c < channels.last; ++c) mean[c] += x[c];
  }
  for (int c = channels.first; c < channels.last; ++c) mean[c] /= static_cast<float>(pixels);
}

void Head::classify(const Arena& arena, const Member& member, float* logits) const {
  const Member::Range outputs = member.share_of(classes());
  const int count = outputs.last - outputs.first;
  const float* __restrict x = arena.at<float>(averages_);
  float* __restrict y = logits + outputs.first;
  std::fill_n(y, count, 0.0F);
  for (int c = 0; c < input_.channels; ++c) {
    const float* __restrict w = weights_.data() + static_cast<std::ptrdiff_t>(c) * classes() + outputs.first;
    for (int o = 0; o < count; ++o) y[o] += w[o] * x[c];
  }
  for (int o = 0; o < count; ++o) y[o] += bias_[static_cast<std::size_t>(outputs.first + o)];
}

}  // namespace tern::engine
