// The product of a warp's fragments: what one lane gets of a (16 x 32) b (32 x 8).
#pragma once

#include <cstdint>

#include "emulation/thread.h"

namespace tern::emulation {

/// The signed bytes that a lane brings to mma.m16n8k32; [register][byte].
struct MmaFragments {
  std::int8_t a[4][4];
  std::int8_t b[2][4];
};

/// Adds the elements of the product that `lane` holds to `c`.
void multiply_fragments(int (&c)[4], const WarpValues& fragments, int lane);

}  // namespace tern::emulation
