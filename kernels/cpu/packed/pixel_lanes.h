// The ternary convolution of few channels with output pixels in the lanes of a vector, for instruction sets
// that count bits by words of 16.
//
// Where channels do not fill words of 64, words of 16 waste less: 16 channels of 32 pixels are a vector,
// which each filter meets as one word of its own, broadcast.
//
//   weights   [blocks of 8 filters][kernel_height * kernel_width * words][8][2]  words of 32 bits
//
// Sign word, then mask word, each twice in its 32 bits, because those can be broadcast by the instruction
// that uses them. Behind the last filter weights are 0.
#pragma once

#include <cstdint>

#include "tern/kernels/cpu/packed/kernels.h"

namespace tern::packed {

inline constexpr int kLanePixels = 32;    // in a vector
inline constexpr int kLaneChannels = 16;  // in a word
inline constexpr int kMaxLaneWords = 3;   // of a pixel; 64 channels fill words of 64
inline constexpr int kMaxLaneSteps = 64;  // of a window: copies of 32 windows stay in the inner cache
inline constexpr int kMaxLaneKernel = 16, kMaxLaneStride = 2;

int lane_words(const ConvolutionShape& shape);  // of a pixel
int lane_steps(const ConvolutionShape& shape);  // words under one window

/// Whether that takes fewer steps than filters in the lanes, with what is condensed (condense.h). Ternary
/// weights alone.
bool wants_pixel_lanes(const ConvolutionShape& shape);

extern const PixelLanes kPixelLanes;

}  // namespace tern::packed
