#include "tern/kernels/cpu/packed/thresholds.h"

#include <cstring>
#include <limits>

#include "tern/kernels/cpu/packed/convolution_shape.h"

namespace tern::packed {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The floats from -infinity (-kLast) to infinity (kLast), numbered in their order.
constexpr std::int64_t kLast = 0x7f800000;

float float_at(std::int64_t number) {
  const auto bits = static_cast<std::uint32_t>(number < 0 ? -number : number);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return number < 0 ? -value : value;
}

/// The least float that holds, where all above one that holds do too; infinity must.
template <class Holds>
float least(const Holds& holds) {
  std::int64_t low = -kLast, high = kLast;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (holds(float_at(middle))) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return float_at(low);
}

struct Pair {
  float low, high;
};

Pair channel_thresholds(float mean, float gain, float beta, const CutPoints& cuts) {
  const auto t = [=](float y) { return (y - mean) * gain + beta; };
  if (gain > 0) {
    return {least([=](float y) { return t(y) >= cuts.low; }),
            least([=](float y) { return t(y) >= cuts.high; })};
  }
  if (gain < 0) {
    return {least([=](float y) { return t(y) < cuts.high; }),
            least([=](float y) { return t(y) < cuts.low; })};
  }
  // A constant. t is not asked, because 0 times the infinity of an overflow is not a number.
  return {beta >= cuts.low ? -kInfinity : kInfinity, beta >= cuts.high ? -kInfinity : kInfinity};
}

}  // namespace

ThresholdTable::ThresholdTable(const float* mean, const float* gain, const float* beta,
                               const std::vector<CutPoints>& cuts) {
  const int channels = static_cast<int>(cuts.size());
  const auto blocks = static_cast<std::size_t>((channels + kLanes - 1) / kLanes);
  low_.assign(blocks * kLanes, -kInfinity);
  high_.assign(blocks * kLanes, kInfinity);
  rising_.assign(blocks, 0);
  Pair pair{};
  for (int c = 0; c < channels; ++c) {
    const auto i = static_cast<std::size_t>(c);
    const bool repeated = c > 0 && mean[c] == mean[c - 1] && gain[c] == gain[c - 1] &&
                          beta[c] == beta[c - 1] && cuts[i] == cuts[i - 1];
    if (!repeated) pair = channel_thresholds(mean[c], gain[c], beta[c], cuts[i]);
    low_[i] = pair.low;
    high_[i] = pair.high;
    if (gain[c] >= 0) rising_[i / kLanes] |= static_cast<std::uint8_t>(1U << i % kLanes);
  }
}

}  // namespace tern::packed
