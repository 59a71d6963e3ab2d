// The float convolution of any window, stride and number of channels. A sum is that of single products,
// rounded each, in the order of kernel rows, kernel columns and channels, pixels in the padding left out,
// then the bias. All instruction sets give the same bits.
#pragma once

#include <vector>

#include "tern/models/engine/axis.h"
#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/step.h"

namespace tern::engine {

class ConvolutionStep final : public Step {
 public:
  ConvolutionStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
                  const ActivationMap& result);

  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_all(x_), writes_rows(result_)}; }

  /// What the loops over one row read.
  struct Row {
    const Axis *down, *across;
    const ActivationMap *x_map, *result_map;
    const float *x, *weights, *bias;
    int row;
    float* y;
  };
  using RowFunction = void (*)(const Row& row);

 private:
  Axis down_, across_;
  ActivationMap x_, result_;
  std::vector<float>
      weights_;              // (groups of filters, kernel rows, kernel columns, channels, filters of a group)
  std::vector<float> bias_;  // -0, which changes nothing, if there is none
  RowFunction row_;
};

}  // namespace tern::engine
