// The first layers: image of three channels, convolution, batch norm, PReLU and max pool, row by row. It is
// computed in floats or, of an image of 8 bits, in integers if the model says so (stem_arithmetic.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/models/engine/axis.h"
#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/operations.h"
#include "tern/models/engine/step.h"
#include "tern/models/engine/steps/stem_filter.h"

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
  void make_filters(ModelReader& model, const graph::Graph& graph, const Operation& operation,
                    ArenaLayout& layout, int threads);
  template <class Value>
  void run_rows(const StemFilter<Value>& filter, const Run& run, const Member& member) const;
  void load_row(const ImageRows& image, int row, float* to) const { image.copy(row, to); }
  void load_row(const ImageRows& image, int row, std::int16_t* to) const;
  std::ptrdiff_t convolved_floats() const;
  /// Whether a row of the convolution is one of the result.
  bool is_result() const;

  ActivationMap result_;
  Axis filter_down_, filter_across_, pool_down_, pool_across_;  // without a pool, its window is a pixel
  floats::RowShape shape_;
  const floats::Kernels& kernels_;
  std::optional<StemFilter<float>> floats_;
  std::optional<StemFilter<std::int16_t>> integers_;  // of images of 8 bits
  std::vector<std::int16_t> zero_points_;             // of a row of such an image
  std::size_t convolved_ =
      0;  // in the arena: the last rows, as many as the pool's window sees, of each thread
};

}  // namespace tern::engine
