// The float convolution of any window, stride and number of channels. A sum is that of single products,
// rounded each, in the order of kernel rows, kernel columns and channels, then the bias. All instruction sets
// give the same bits.
#pragma once

#include "tern/models/engine/axis.h"
#include "tern/models/engine/float_filters.h"
#include "tern/models/engine/step.h"

namespace tern::engine {

class ConvolutionStep final : public Step {
 public:
  ConvolutionStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
                  const ActivationMap& result, ArenaLayout& layout, int threads);

  /// Computes this member's rows.
  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_all(x_), writes_rows(result_)}; }

 private:
  /// Rows of the result that are computed with one pass over the weights.
  struct Band {
    int first, last;
  };

  bool is_padded() const { return down_.padding > 0 || across_.padding > 0; }
  std::ptrdiff_t padded_row_floats() const;
  void pad(const float* x, const Band& band, float* padded) const;
  void run_band(const Run& run, const Member& member, const Band& band) const;

  Axis down_, across_;
  ActivationMap x_, result_;
  FloatFilters filters_;
  int band_rows_;
  std::size_t padded_ = 0;  ///< Of the arena: for each thread the rows that a band sees, zeros around them.
  std::ptrdiff_t padded_floats_ = 0;  ///< Of a thread.
};

}  // namespace tern::engine
