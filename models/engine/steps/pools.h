#pragma once

#include <vector>

#include "tern/kernels/cpu/floats/kernels.h"
#include "tern/models/engine/axis.h"
#include "tern/models/engine/step.h"

namespace tern::engine {

/// Rows of a map, of which so many are there at a time: row r lies where row r % kept does.
struct KeptRows {
  const float* x;
  int kept;
  std::ptrdiff_t row_floats, pixel_floats;
};

/// Row `row` of a max pool, `result_channels` floats a pixel: `channels` of them, then zeros.
void pool_row(const floats::Kernels& kernels, const KeptRows& rows, const Axis& down, const Axis& across,
              int row, int channels, int result_channels, float* y);

/// Max pool of rectangular windows. `result` may have more channels, which become zeros.
class MaxPoolStep final : public Step {
 public:
  MaxPoolStep(const graph::Window& window, const ActivationMap& x, const ActivationMap& result)
      : down_(down(window, x.height)), across_(across(window, x.width)), x_(x), result_(result) {}

  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_all(x_), writes_rows(result_)}; }

 private:
  Axis down_, across_;
  ActivationMap x_, result_;
};

/// Sums in the order of the window's rows and columns, divided by its area: padding counts as zeros.
class AveragePoolStep final : public Step {
 public:
  AveragePoolStep(const graph::Window& window, const ActivationMap& x, const ActivationMap& result)
      : down_(down(window, x.height)), across_(across(window, x.width)), x_(x), result_(result) {}

  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_all(x_), writes_rows(result_)}; }

 private:
  void pool_pixel(const float* x, int row, int column, float* sum) const;

  Axis down_, across_;
  ActivationMap x_, result_;
};

/// The mean of all pixels, summed in the order of kernels/cpu/global_avg_pool2d.cpp. Members share channels.
class GlobalAverageStep final : public Step {
 public:
  GlobalAverageStep(const ActivationMap& x, const ActivationMap& result) : x_(x), result_(result) {}

  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_all(x_), writes_channels(result_)}; }

 private:
  ActivationMap x_, result_;
};

}  // namespace tern::engine
