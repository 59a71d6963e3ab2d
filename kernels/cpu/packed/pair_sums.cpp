#include "tern/kernels/cpu/packed/pair_sums.h"

#include <algorithm>

namespace tern::packed::pair_sums {
namespace {

constexpr int rounded_up(int count, int multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

/// The columns of a run that leave the fewest lanes empty.
int run_columns(int width) {
  int best = kLanes;
  for (const int columns : {kLanes / 2, kLanes / 4}) {
    if (rounded_up(width, columns) < rounded_up(width, best)) best = columns;
  }
  return best;
}

/// The value of channel `channel` of a window's pair of words.
int ternary(const std::uint64_t* pair, int channel) {
  const bool negative = (pair[0] >> channel & 1U) != 0, nonzero = (pair[1] >> channel & 1U) != 0;
  return !nonzero ? 0 : negative ? -1 : 1;
}

/// Of two weights that are not both 0; avx2_pair_sums.h stores the sums in this order.
int case_of(int first, int second) {
  if (second == 0) return first > 0 ? 0 : 1;
  if (first == 0) return second > 0 ? 2 : 3;
  return 4 + (first > 0 ? 0 : 2) + (second > 0 ? 0 : 1);
}

bool wants(const ConvolutionShape& shape) {
  const int taps = shape.kernel_height * shape.kernel_width;
  if (shape.planes > 1 || taps * shape.channels > kMaxSum || shape.filters < kMinFilters ||
      shape.filters > kMaxFilters || taps < kMinTaps || taps > kMaxTaps ||
      std::max(shape.kernel_height, shape.kernel_width) > kMaxKernel ||
      std::max(shape.stride_height, shape.stride_width) > kMaxStride) {
    return false;
  }
  const Tiling tiling(shape, shape.output_height());
  const std::int64_t tiles = (tiling.runs + tiling.tile_runs() - 1) / tiling.tile_runs(),
                     computed = tiles * tiling.run_rows * kPixels,
                     pixels = std::int64_t{shape.output_height()} * shape.output_width();
  // Of a hundred lanes so many must have a pixel for this to be faster than looking sums up (Zen 3).
  const int least = shape.channels <= 48 ? 60 : tiling.run_rows > 1 && shape.filters < 128 ? 75 : 90;
  return 100 * pixels >= least * computed;
}

std::size_t weight_words(const ConvolutionShape& shape) {
  const std::size_t offsets = static_cast<std::size_t>(chunks(shape)) *
                              static_cast<std::size_t>(shape.filters) *
                              static_cast<std::size_t>(chunk_steps(shape));
  return (offsets * sizeof(std::uint16_t) + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
}

void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs, std::uint64_t* words) {
  std::fill_n(words, weight_words(shape), 0);
  auto* offsets = reinterpret_cast<std::uint16_t*>(words);
  const int taps = shape.kernel_height * shape.kernel_width, steps = chunk_steps(shape);
  for (int chunk = 0; chunk < chunks(shape); ++chunk) {
    for (int filter = 0; filter < shape.filters; ++filter, offsets += steps) {
      std::uint16_t* to = offsets;
      for (int tap = 0; tap < taps; ++tap) {
        const std::uint64_t* pair =
            pairs + std::ptrdiff_t{2} * ((filter * taps + tap) * shape.pairs() + chunk / 8);
        for (int p = 0; p < kPairs; ++p, ++to) {
          const int channel = chunk % 8 * kChannels + kFirstChannels[p];
          const int first = ternary(pair, channel), second = ternary(pair, channel + 2);
          if (first == 0 && second == 0) continue;
          const int row = tap / shape.kernel_width, column = tap % shape.kernel_width;
          const int vector = ((row * (1 + kPairs) + 1 + p) * shape.kernel_width + column) * kCases;
          *to = static_cast<std::uint16_t>((vector + case_of(first, second)) * kLanes);
        }
      }
    }
  }
}

}  // namespace

int chunk_steps(const ConvolutionShape& shape) {
  return rounded_up(shape.kernel_height * shape.kernel_width * kPairs, kUnrolled);
}

int chunks(const ConvolutionShape& shape) {
  return (shape.channels + kChannels - 1) / kChannels;
}

Tiling::Tiling(const ConvolutionShape& shape, int rows)
    : columns(run_columns(shape.output_width())), across((shape.output_width() + columns - 1) / columns) {
  // As many rows as fill a tile, so far as registers, the inner cache and memory for the sums allow.
  run_rows = std::clamp((rows * across + tile_runs() - 1) / tile_runs(), 1, kMaxRunRows);
  const auto under = [&] { return (run_rows - 1) * shape.stride_height + shape.kernel_height; };
  while (run_rows > 1 &&
         (under() * shape.kernel_width > kMaxRowTaps || shape.filters * run_rows > kMaxFilterRows)) {
    --run_rows;
  }
  runs = (rows + run_rows - 1) / run_rows * across;
  input_rows = under();
}

const PixelLanes kPixelLanes{&wants, &weight_words, &arrange_weights};

}  // namespace tern::packed::pair_sums
