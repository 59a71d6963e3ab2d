// A merged network as a list of steps on one arena: every shape, offset and constant is fixed when it is
// loaded, and running it allocates nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "tern/models/engine/head.h"
#include "tern/models/engine/stem_layers.h"
#include "tern/models/engine/ternary_layer.h"

namespace tern::engine {

class Plan {
 public:
  /// Takes every tensor of the model. `threads`: the most that will work on one image. Throws DataError.
  Plan(ModelReader& model, int threads);

  const ArenaLayout& layout() const { return layout_; }
  const StemLayers& stem() const { return stem_; }
  const std::vector<TernaryLayer>& layers() const { return layers_; }
  const Head& head() const { return head_; }

  // What all members of a team call, in this order.

  /// The stream of the stem, and the first layer's ternary activations.
  void run_stem(const ImageRows& image, const Arena& arena, const Member& member) const;
  /// From these to the averages of the last stream.
  void run_layers(const Arena& arena, const Member& member) const;

 private:
  std::vector<TernaryLayer> read_layers(ModelReader& model);

  ArenaLayout layout_;
  StemLayers stem_;
  std::vector<TernaryLayer> layers_;
  Head head_;
};

}  // namespace tern::engine
