// The two passes of a resampling, for the instruction set of the CPU. All give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tern/data/image_view.h"

namespace tern::resample {

// An accumulator holds 8 bits of pixel and 2 bits of overshoot; the rest of 32 bits is the weight's fraction.
constexpr int kPrecisionBits = 32 - 8 - 2;
constexpr int kChannels = 3;
/// Weights of an output pixel are padded with zeros to a multiple of this.
constexpr int kTapGroup = 4;

struct Taps {
  int first = 0;  // index of the first input pixel
  int count = 0;
};

/// The input pixels of every output pixel along one axis, with their fixed-point weights.
struct AxisWeights {
  std::vector<Taps> taps;             // of each output pixel
  int stride = 0;                     // from the weights of one output pixel to those of the next
  std::vector<std::int32_t> weights;  // (output pixels, stride); 0 behind the taps
};

/// In `out` a row begins every `row_bytes` bytes.
struct Passes {
  const char* name;
  /// (height, width, 3) -> (height, outputs, 3)
  void (*horizontal)(const ImageView& in, const AxisWeights& axis, std::uint8_t* out,
                     std::ptrdiff_t row_bytes);
  /// (height, width, 3) -> (outputs, width, 3)
  void (*vertical)(const ImageView& in, const AxisWeights& axis, std::uint8_t* out, std::ptrdiff_t row_bytes);
};

extern const Passes kPortablePasses;
#if defined(__x86_64__)
extern const Passes kAvx2Passes;
#endif

/// out[i] = sum over taps of weight * in[tap][i], for `bytes` neighbours, in plain C++.
void convolve_bytes(const std::uint8_t* in, std::ptrdiff_t in_stride, const std::int32_t* weights, int taps,
                    std::uint8_t* out, int bytes);

/// Those that this CPU can run, the quickest first.
std::span<const Passes* const> available_passes();
/// The quickest; with TERN_CPU=scalar or neon the portable ones.
const Passes& passes();

}  // namespace tern::resample
