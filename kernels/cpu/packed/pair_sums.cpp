#include "tern/kernels/cpu/packed/pair_sums.h"

#include <algorithm>
#include <vector>

namespace tern::packed::pair_sums {
namespace {

constexpr int rounded_up(int count, int multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

/// The columns of a run that leave the fewest lanes empty.
int run_columns(int width, int lanes) {
  int best = lanes;
  for (int columns = lanes / 2; columns >= 8; columns /= 2) {
    if (rounded_up(width, columns) < rounded_up(width, best)) best = columns;
  }
  return best;
}

/// The value of channel `channel` of a window's pair of words.
int ternary(const std::uint64_t* pair, int channel) {
  const bool negative = (pair[0] >> channel & 1U) != 0, nonzero = (pair[1] >> channel & 1U) != 0;
  return !nonzero ? 0 : negative ? -1 : 1;
}

/// Of two weights that are not both 0; pair_sums_convolve.h stores the sums in this order.
int case_of(int first, int second) {
  if (second == 0) return first > 0 ? 0 : 1;
  if (first == 0) return second > 0 ? 2 : 3;
  return 4 + (first > 0 ? 0 : 2) + (second > 0 ? 0 : 1);
}

/// Of a hundred lanes so many must have a pixel for this to be faster than what there is else.
int least_filled(const ConvolutionShape& shape, const Tiling& tiling) {
  if (tiling.lanes == 64) {  // than lanes of bytes, on an Emerald Rapids
    return shape.channels <= 48 ? 55 : shape.filters < 128 ? 70 : 80;
  }
  // Than looking sums up, on a Zen 3.
  if (shape.channels <= 48) return 60;
  return tiling.run_rows > 1 && shape.filters < 128 ? 75 : 90;
}

template <int kLanes>
bool wants(const ConvolutionShape& shape) {
  const int taps = shape.kernel_height * shape.kernel_width;
  if (shape.planes > 1 || taps * shape.channels > kMaxSum || shape.filters < kMinFilters ||
      shape.filters > kMaxFilters || taps < kMinTaps || taps > kMaxTaps ||
      std::max(shape.kernel_height, shape.kernel_width) > kMaxKernel ||
      std::max(shape.stride_height, shape.stride_width) > kMaxStride) {
    return false;
  }
  const Tiling tiling(shape, shape.output_height(), kLanes);
  const std::int64_t tiles = (tiling.runs + tiling.tile_runs() - 1) / tiling.tile_runs(),
                     computed = tiles * tiling.run_rows * 2 * kLanes,
                     pixels = std::int64_t{shape.output_height()} * shape.output_width();
  return 100 * pixels >= least_filled(shape, tiling) * computed;
}

std::size_t weight_words(const ConvolutionShape& shape) {
  const std::size_t numbers = static_cast<std::size_t>(chunks(shape)) *
                              static_cast<std::size_t>(shape.filters) *
                              static_cast<std::size_t>(1 + max_chunk_steps(shape));
  return (numbers * sizeof(std::uint16_t) + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
}

/// Puts the steps of a chunk and a filter into groups.
class StepGroups {
 public:
  void add_pair(int offset) { pairs_.push_back(static_cast<std::uint16_t>(offset)); }
  /// Of one weight that is not 0, or none.
  void add_single(int offset) { singles_.push_back(static_cast<std::uint16_t>(offset)); }

  /// Where the next numbers go.
  std::uint16_t* write(int nothing, std::uint16_t* numbers) const {
    const auto pairs = static_cast<int>(pairs_.size()), singles = static_cast<int>(singles_.size());
    const int groups =
                  std::max((pairs + kGroupPairs - 1) / kGroupPairs, (pairs + singles + kGroup - 1) / kGroup),
              steps = rounded_up(groups * kGroup, kUnrolled);
    *numbers++ = static_cast<std::uint16_t>(steps);
    auto pair = pairs_.begin(), single = singles_.begin();
    for (int step = 0; step < steps; ++step) {
      const bool may_be_pair = step % kGroup < kGroupPairs;
      *numbers++ = may_be_pair && pair != pairs_.end() ? *pair++
                   : single != singles_.end()          ? *single++
                                                       : static_cast<std::uint16_t>(nothing);
    }
    return numbers;
  }

 private:
  std::vector<std::uint16_t> pairs_, singles_;
};

template <int kLanes>
void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs, std::uint64_t* words) {
  std::fill_n(words, weight_words(shape), 0);
  auto* numbers = reinterpret_cast<std::uint16_t*>(words);
  const int taps = shape.kernel_height * shape.kernel_width;
  for (int chunk = 0; chunk < chunks(shape); ++chunk) {
    for (int filter = 0; filter < shape.filters; ++filter) {
      StepGroups groups;
      for (int tap = 0; tap < taps; ++tap) {
        const std::uint64_t* pair =
            pairs + std::ptrdiff_t{2} * ((filter * taps + tap) * shape.pairs() + chunk / 8);
        for (int p = 0; p < kPairs; ++p) {
          const int channel = chunk % 8 * kChannels + kFirstChannels[p];
          const int first = ternary(pair, channel), second = ternary(pair, channel + 2);
          const int row = tap / shape.kernel_width, column = tap % shape.kernel_width;
          const int vector = ((row * (1 + kPairs) + 1 + p) * shape.kernel_width + column) * kCases;
          if (first != 0 && second != 0) {
            groups.add_pair((vector + case_of(first, second)) * kLanes);
          } else {
            groups.add_single(first == 0 && second == 0 ? 0 : (vector + case_of(first, second)) * kLanes);
          }
        }
      }
      numbers = groups.write(kLanes, numbers);
    }
  }
}

}  // namespace

int max_chunk_steps(const ConvolutionShape& shape) {
  return rounded_up((chunk_steps(shape) + kGroupPairs - 1) / kGroupPairs * kGroup, kUnrolled);
}

int chunks(const ConvolutionShape& shape) {
  return (shape.channels + kChannels - 1) / kChannels;
}

Tiling::Tiling(const ConvolutionShape& shape, int rows, int vector_lanes)
    : lanes(vector_lanes),
      columns(run_columns(shape.output_width(), lanes)),
      across((shape.output_width() + columns - 1) / columns) {
  // As many rows as fill a tile, so far as registers, the inner cache and memory for the sums allow.
  run_rows = std::clamp((rows * across + tile_runs() - 1) / tile_runs(), 1, max_run_rows(lanes));
  const auto under = [&] { return (run_rows - 1) * shape.stride_height + shape.kernel_height; };
  while (run_rows > 1 &&
         (under() * shape.kernel_width > max_row_taps(lanes) || shape.filters * run_rows > kMaxFilterRows)) {
    --run_rows;
  }
  runs = (rows + run_rows - 1) / run_rows * across;
  input_rows = under();
}

const PixelLanes k32Lanes{&wants<32>, &weight_words, &arrange_weights<32>};
const PixelLanes k64Lanes{&wants<64>, &weight_words, &arrange_weights<64>};

}  // namespace tern::packed::pair_sums
