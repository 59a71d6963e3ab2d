// The ternary convolution of small maps by sums of two channels, for instruction sets with vectors of 32
// bytes that cannot count bits.
//
// Two activations a and b have nine sums u a + v b with ternary weights u, v. They are computed once, for 64
// output pixels in the lanes of a vector, and stored; then each filter adds up one of them for each two
// channels of its window. Which one, its weights say: they are offsets into the stored sums, and nothing is
// looked up or shuffled.
//
//   weights   [chunks of 8 channels][filters][steps]  offsets of 16 bits, in bytes
//   sums      [rows][1 + kPairs][kernel_width][kCases]  vectors, of one chunk
//
// A byte of a vector has two pixels, a nibble each, which holds the sum plus kBias. The nine sums are eight
// and kBias itself, the first vector of each row, at offset 0; it also fills the steps up to a multiple of
// kUnrolled.
//
// A tile of 64 pixels a vector is made of runs: some rows of 8, 16 or 32 neighbouring columns. Vector v has
// row v of each run, so that the sums of a row of the input serve all rows of the kernel that read it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tern/kernels/cpu/packed/convolution_shape.h"
#include "tern/kernels/cpu/packed/kernels.h"

namespace tern::packed::pair_sums {

inline constexpr int kLanes = 32, kPixels = 2 * kLanes;  // of a vector
inline constexpr int kChannels = 8, kPairs = 4;          // of a chunk
inline constexpr int kCases = 8;                         // of two weights that are not both 0
inline constexpr int kBias = 2;
inline constexpr int kGroup = 3;  // steps whose sums fit a nibble
inline constexpr int kUnrolled = 4 * kGroup;
// Of a kernel; the steps of a chunk, no more than 63, fit a byte.
inline constexpr int kMinTaps = 4, kMaxTaps = 15, kMaxKernel = 5, kMaxStride = 2;
inline constexpr int kMinFilters = 8, kMaxFilters = 128;
inline constexpr int kMaxSum = 32767;
inline constexpr int kMaxRuns = 8;          // of a tile
inline constexpr int kMaxRunRows = 4;       // of a run: vectors whose sums stay in registers
inline constexpr int kMaxFilterRows = 256;  // filters * rows of a run
/// Rows of the input under a run * kernel_width: the stored sums, 1280 bytes each, stay in the inner cache.
inline constexpr int kMaxRowTaps = 30;

/// The first channel of a pair among those of its chunk; the second one is two further.
inline constexpr int kFirstChannels[kPairs] = {0, 4, 1, 5};

/// Steps of a chunk.
int chunk_steps(const ConvolutionShape& shape);
int chunks(const ConvolutionShape& shape);

/// Bytes of the stored sums from one row of the input to the next.
inline std::ptrdiff_t sums_row_bytes(const ConvolutionShape& shape) {
  return std::ptrdiff_t{1 + kPairs} * shape.kernel_width * kCases * kLanes;
}

/// How `rows` rows of the output are cut into runs.
struct Tiling {
  Tiling(const ConvolutionShape& shape, int rows);

  int columns;     // of a run: 8, 16 or 32
  int across;      // runs side by side
  int run_rows;    // of a run, the last one perhaps beyond the output
  int runs;        // in all
  int input_rows;  // under a run

  int tile_runs() const { return kPixels / columns; }
};

extern const PixelLanes kPixelLanes;

}  // namespace tern::packed::pair_sums
