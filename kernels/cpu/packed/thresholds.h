// Batch norm and ternary or binary activation of a float as two comparisons.
//
// In float arithmetic t(y) = (y - mean) * gain + beta is monotone in y, each of its roundings being so. The
// floats that become +1 (t >= high) are therefore those from some float on, or up to one, and likewise those
// that become -1 (t < low); bisection over all floats finds the two places by evaluating t itself. So the
// comparisons decide every float, ties and roundings included, as kernels/common/batch_norm_formulas.h and
// kernels/common/ternarise.h do.
//
// With reached(x) = (y >= x):
//   mask = !reached(low) or reached(high)             value is not 0
//   sign = rising ? !reached(low) : reached(high)     value is -1
//
// A NaN reaches nothing and becomes -1 where rising, +1 elsewhere; it also stays in the float stream, where
// whoever must notice it looks for it.
#pragma once

#include <cstdint>
#include <vector>

namespace tern::packed {

/// Per channel, `low` and `high` padded to a multiple of 8 channels with -infinity and infinity, which give
/// 0.
struct Thresholds {
  const float* low;
  const float* high;           // not less than low
  const std::uint8_t* rising;  // a bit per channel, 8 a byte, the first one lowest: gain >= 0
};

/// Where an activation changes: -1 below `low`, +1 from `high` on, 0 between.
struct CutPoints {
  float low, high;

  bool operator==(const CutPoints&) const = default;
};
inline constexpr CutPoints kTernaryCuts{-0.5F, 0.5F}, kBinaryCuts{0, 0};

class ThresholdTable {
 public:
  ThresholdTable() = default;
  /// From arrays of `channels` finite numbers; gain = gamma / sqrt(variance + eps).
  ThresholdTable(const float* mean, const float* gain, const float* beta, int channels,
                 CutPoints cuts = kTernaryCuts)
      : ThresholdTable(mean, gain, beta, std::vector<CutPoints>(static_cast<std::size_t>(channels), cuts)) {}
  /// With cuts of each channel's own, low not above high.
  ThresholdTable(const float* mean, const float* gain, const float* beta, const std::vector<CutPoints>& cuts);

  Thresholds view() const { return {low_.data(), high_.data(), rising_.data()}; }

 private:
  std::vector<float> low_, high_;
  std::vector<std::uint8_t> rising_;
};

}  // namespace tern::packed
