// The packed ternary kernels of the CPU: one table of functions per instruction set, chosen when the program
// first asks for it. All of them give the same bits.
//
// This folder needs the standard library alone and starts no threads: whoever has some gives each its rows.
#pragma once

#include <cstdint>
#include <span>

#include "tern/kernels/cpu/packed/convolution_shape.h"
#include "tern/kernels/cpu/packed/thresholds.h"

namespace tern::packed {

/// What follows a convolution, with the operations of kernels/common/batch_norm_formulas.h and
/// kernels/common/prelu_formulas.h in their order and rounding:
///   u = ((scale * z - mean) * gain + beta) + shortcut,   y = u > 0 ? u : slope * u
/// Arrays per filter, padded to a multiple of 8.
struct Epilogue {
  const float *scale, *mean, *gain, *beta, *slope;
};

/// The packed activations that a layer hands to the next: y after the next layer's batch norm and
/// ternarisation.
struct PackedOutput {
  Thresholds thresholds;
  std::uint64_t* words;  // (convolution_shape.h); null: nothing is packed
  int border;
  // Only the bytes of the channels that there are, in blocks of 8, are written: clear the buffer once.
};

/// Weights of the layers that have output pixels in the lanes of a vector.
struct PixelLanes {
  /// Whether a layer is one of them.
  bool (*wants)(const ConvolutionShape& shape);
  /// As those of struct Kernels, but with the layer's own shape, not condensed.
  std::size_t (*weight_words)(const ConvolutionShape& shape);
  void (*arrange_weights)(const ConvolutionShape& shape, const std::uint64_t* pairs, std::uint64_t* words);
};

struct Kernels {
  const char* name;  // "avx512", "avx512bw", "avx2", "neon", "wasm", "scalar"

  /// How many words a layer's weights take in the order that the functions below want. `shape` is the
  /// condensed one (condense.h), with the filters of all planes, here and in arrange_weights, and that of the
  /// layer in all others.
  std::size_t (*weight_words)(const ConvolutionShape& shape);
  /// Brings them into that order from pairs of words (filters, kernel_height, kernel_width, pairs, 2);
  /// weights.h is easier to use.
  void (*arrange_weights)(const ConvolutionShape& shape, const std::uint64_t* pairs, std::uint64_t* words);

  /// Rows [first_row, last_row) of z (output_height, output_width, filters), which begins at its row 0. i16
  /// holds every sum if kernel_height * kernel_width * channels <= 32767, a third of it with two planes.
  void (*convolve_i16)(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                       int first_row, int last_row, std::int16_t* z);
  void (*convolve_i32)(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                       int first_row, int last_row, std::int32_t* z);

  /// The same rows of y (output_height, output_width, filters) and of the next layer's input. `shortcut` has
  /// the shape of y and may be y.
  void (*convolve_fused)(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                         const Epilogue& epilogue, const float* shortcut, int first_row, int last_row,
                         float* y, const PackedOutput& next);

  /// Packs rows [first_row, last_row) of y (rows, width, channels).
  void (*ternarise)(const float* y, int width, int channels, int first_row, int last_row,
                    const PackedOutput& next);

  /// Has the weights of the layers that it wants; null if all are as above.
  const PixelLanes* pixel_lanes;
};

/// The tables that this CPU can run, the best first. "scalar" is always among them.
std::span<const Kernels* const> available_kernels();

/// The table of this name, or the best one for null and "". Throws std::runtime_error with what there is for
/// a name that is unknown or needs another CPU.
const Kernels& choose_kernels(const char* name);

/// The choice of the environment variable TERN_CPU, made once.
const Kernels& kernels();

}  // namespace tern::packed
