// The weights and the bias of a float layer as the kernels read them.
#pragma once

#include <vector>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/layers/graph/graph.h"
#include "tern/models/engine/model_reader.h"

namespace tern::engine {

class FloatFilters {
 public:
  /// Of a conv2d or linear node with `filters` outputs.
  FloatFilters(ModelReader& model, const graph::Node& node, int filters);

  /// Filters that are neighbours in memory; whatever is shared out is shared out by whole groups.
  static constexpr int kGroup = floats::kGroup;

  /// y[p * y_step + f] of the windows for the filters from `first`, a multiple of kGroup, to `last`; y is
  /// that of filter 0.
  void run(const floats::Windows& windows, int count, int first, int last, float* y,
           std::ptrdiff_t y_step) const;

 private:
  const floats::Kernels& kernels_;
  std::ptrdiff_t taps_;  ///< Of a filter.
  std::vector<float> weights_;
  std::vector<float> bias_;  ///< In whole groups; -0, which changes nothing, if there is none.
};

}  // namespace tern::engine
