// The ternary convolution of small maps by sums of two channels, for instruction sets that cannot count bits,
// with vectors of 32 or 64 bytes.
//
// Two activations a and b have nine sums u a + v b with ternary weights u, v. They are computed once, for 64
// or 128 output pixels in the lanes of a vector, and stored; then each filter adds up one of them for each
// two channels of its window. Which one, its weights say: they are offsets into the stored sums, and nothing
// is looked up or shuffled.
//
//   weights   [chunks of 8 channels][filters]  numbers of 16 bits: how many offsets there are, a multiple of
//             kUnrolled, then these, in bytes
//   sums      [rows][1 + kPairs][kernel_width][kCases]  vectors, of one chunk
//
// A byte of a vector has two pixels, a nibble each, which holds the sum plus kBias. The nine sums are eight
// and kBias itself, the first vector of each row, at offset 0.
//
// Steps are taken by groups whose sums fit a nibble: three of two weights, 0 to 4 each, and one of a single
// weight, 1 to 3, or of none. Where there are more of two weights, groups are filled up with the second
// vector of a row, which is 0.
//
// A tile is made of runs: some rows of 8, 16, 32 or 64 neighbouring columns. Vector v has
// row v of each run, so that the sums of a row of the input serve all rows of the kernel that read it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tern/kernels/cpu/packed/convolution_shape.h"
#include "tern/kernels/cpu/packed/kernels.h"

namespace tern::packed::pair_sums {

inline constexpr int kChannels = 8, kPairs = 4;  // of a chunk
inline constexpr int kCases = 8;                 // of two weights that are not both 0
inline constexpr int kBias = 2;
inline constexpr int kGroup = 4, kGroupPairs = 3;  // steps whose sums fit a nibble; those of two weights
inline constexpr int kUnrolled = 3 * kGroup;
// Of a kernel; the steps of a chunk, no more than 63, fit a byte.
inline constexpr int kMinTaps = 4, kMaxTaps = 15, kMaxKernel = 5, kMaxStride = 2;
inline constexpr int kMinFilters = 8, kMaxFilters = 128;
inline constexpr int kMaxSum = 32767;
inline constexpr int kMaxRuns = 16;         // of a tile
inline constexpr int kMaxFilterRows = 256;  // filters * rows of a run

/// Of a run, whose vectors' sums stay in registers, and whose stored sums, of so many rows of the input *
/// kernel_width, in the inner cache.
constexpr int max_run_rows(int lanes) {
  return 128 / lanes;
}
constexpr int max_row_taps(int lanes) {
  return 960 / lanes;
}

/// The first channel of a pair among those of its chunk; the second one is two further.
inline constexpr int kFirstChannels[kPairs] = {0, 4, 1, 5};

/// Steps of a chunk, and with all that may fill up its groups.
inline int chunk_steps(const ConvolutionShape& shape) {
  return shape.kernel_height * shape.kernel_width * kPairs;
}
int max_chunk_steps(const ConvolutionShape& shape);
int chunks(const ConvolutionShape& shape);

/// Bytes of the stored sums from one row of the input to the next.
inline std::ptrdiff_t sums_row_bytes(const ConvolutionShape& shape, int lanes) {
  return std::ptrdiff_t{1 + kPairs} * shape.kernel_width * kCases * lanes;
}

/// How `rows` rows of the output are cut into runs.
struct Tiling {
  Tiling(const ConvolutionShape& shape, int rows, int lanes);

  int lanes;       // of a vector
  int columns;     // of a run: 8, 16, 32 or 64
  int across;      // runs side by side
  int run_rows;    // of a run, the last one perhaps beyond the output
  int runs;        // in all
  int input_rows;  // under a run

  int tile_runs() const { return 2 * lanes / columns; }
};

/// With vectors of 32 lanes, and of 64.
extern const PixelLanes k32Lanes, k64Lanes;

}  // namespace tern::packed::pair_sums
