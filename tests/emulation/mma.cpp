#include "emulation/mma.h"

namespace tern::emulation {

// By the layouts of the PTX ISA: with g = lane / 4 and t = lane % 4, registers a[0] and a[2] hold row g, a[1]
// and a[3] row g + 8; b holds column g; a[0], a[1] and b[0] the inner indices 4t .. 4t + 3, the others 16 +
// 4t ... So row and column are spread over the four lanes of one g each, and c[i] is row g + 8 (i / 2),
// column 2t + i % 2.
void multiply_fragments(int (&c)[4], const WarpValues& fragments, int lane) {
  const int g = lane / 4, t = lane % 4;
  for (int quarter = 0; quarter < 4; ++quarter) {
    const auto left = fragments.of_lane<MmaFragments>(4 * g + quarter);
    for (int column = 0; column < 2; ++column) {
      const auto right = fragments.of_lane<MmaFragments>(4 * (2 * t + column) + quarter);
      for (int row = 0; row < 2; ++row) {
        int& sum = c[2 * row + column];
        for (int half = 0; half < 2; ++half) {
          for (int k = 0; k < 4; ++k) sum += left.a[2 * half + row][k] * right.b[half][k];
        }
      }
    }
  }
}

}  // namespace tern::emulation
