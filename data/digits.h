// A generated data set: handwritten-looking digits, 32x32 RGB, ten classes.
//
// Each image is a digit of strokes, distorted, in one colour on another, amid noise, fragments of
// neighbouring digits, scribbles and spots. It depends on (seed, split, index) alone.
#pragma once

#include <cstdint>

#include "tern/data/image.h"
#include "tern/data/split.h"

namespace tern {

constexpr int kDigitSize = 32;  // height and width

/// Sample `index` of a split; `label` becomes its digit. Labels take turns: index modulo 10.
Image render_digit(std::uint64_t seed, Split split, std::uint32_t index, int& label);

}  // namespace tern
