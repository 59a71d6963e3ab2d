// The last layers: global average pool and linear.
#pragma once

#include <vector>

#include "tern/models/engine/arena.h"
#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/ternary_layer.h"

namespace tern::engine {

class Head {
 public:
  Head(ModelReader& model, const Stream& input, ArenaLayout& layout);

  int classes() const { return static_cast<int>(bias_.size()); }
  /// Averages this member's channels over all pixels, in the order of kernels/cpu/global_avg_pool2d.cpp.
  void pool(const Arena& arena, const Member& member) const;
  /// Computes this member's logits from the averages of all channels.
  void classify(const Arena& arena, const Member& member, float* logits) const;
  /// The averages, one per channel.
  const float* averages(const Arena& arena) const { return arena.at<float>(averages_); }

 private:
  Stream input_;
  std::size_t averages_;  // in the arena
  std::vector<float>
      weights_;  // (channels, classes): all logits grow side by side, without sums across a vector
  std::vector<float> bias_;
};

}  // namespace tern::engine
