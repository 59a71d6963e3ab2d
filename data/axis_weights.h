// Which input pixels an output pixel of a resampling is made of, and how much of each, along one axis.
#pragma once

#include "tern/data/resample_passes.h"
#include "tern/data/resize.h"

namespace tern::resample {

/// Pixels [first, first + count) of a line.
struct Span {
  int first = 0;
  int count = 0;
};

/// What the pixels `wanted` of the `out_size` that `in_size` pixels become are made of.
Span source_of(int in_size, int out_size, const Span& wanted, Interpolation interpolation);

/// Of the pixels `wanted`.
AxisWeights make_axis_weights(int in_size, int out_size, const Span& wanted, Interpolation interpolation);

}  // namespace tern::resample
