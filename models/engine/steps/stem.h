// The first layers: image of three channels, float convolution, batch norm, PReLU and max pool, row by row.
#pragma once

#include <vector>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/models/engine/axis.h"
#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/operations.h"
#include "tern/models/engine/step.h"

namespace tern::engine {

/// Every row of its result depends on the image alone and not on the rows that are computed with it.
class StemStep final : public Step {
 public:
  /// `node` is a convolution of the image that kernels/cpu/floats has.
  static bool can_run(const graph::Graph& graph, const graph::Node& node);

  /// `threads`: the most that work on one image.
  StemStep(ModelReader& model, const graph::Graph& graph, const Operation& operation,
           const ActivationMap& result, ArenaLayout& layout, int threads);

  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {writes_rows(result_)}; }

 private:
  /// What a thread works in: the last rows of the image and of the convolution, as many as a window sees.
  struct Scratch {
    float *padded, *prepared, *convolved;
  };

  void read_terms(ModelReader& model, const graph::Graph& graph, const Operation& operation);
  void layout_arena(ArenaLayout& layout, int threads);
  Scratch scratch(const Arena& arena, int thread) const;
  std::ptrdiff_t padded_floats() const;
  std::ptrdiff_t convolved_floats() const;
  void prepare_row(const ImageRows& image, int row, const Scratch& scratch) const;
  void convolve_row(const Arena& arena, int row, const Scratch& scratch, float* to) const;
  /// Whether a row of the convolution is one of the result.
  bool is_result() const;
  void pool_row(const Scratch& scratch, int row, float* to) const;

  ActivationMap result_;
  Axis filter_down_, filter_across_, pool_down_, pool_across_;  // without a pool, its window is a pixel
  floats::RowShape shape_;
  const floats::Kernels& kernels_;
  std::vector<float> weights_, mean_, gain_, beta_, slope_;
  // In the arena: a prepared row of zeros, and the scratch of each thread.
  std::size_t zeros_ = 0, padded_ = 0, prepared_ = 0, convolved_ = 0;
};

}  // namespace tern::engine
