#include "tern/data/digit_glyphs.h"

#include <array>
#include <cstddef>

namespace tern {
namespace {

// clang-format off
const std::array<std::vector<Glyph>, 10> kGlyphs = {{
    {  // 0: oval; narrow and slanted; begun at the right with the ends crossing
        {{{.50F, .00F}, {.20F, .18F}, {.10F, .50F}, {.20F, .84F}, {.50F, 1.0F}, {.80F, .84F}, {.90F, .50F}, {.80F, .18F}, {.50F, .00F}}},
        {{{.60F, .00F}, {.35F, .20F}, {.22F, .60F}, {.38F, .98F}, {.62F, .80F}, {.76F, .40F}, {.60F, .00F}}},
        {{{.72F, .12F}, {.45F, .02F}, {.16F, .30F}, {.14F, .70F}, {.42F, .98F}, {.76F, .82F}, {.86F, .40F}, {.66F, .08F}, {.40F, .10F}}},
    },
    {  // 1: bar; with an upstroke; with upstroke and base
        {{{.52F, .00F}, {.50F, .50F}, {.48F, 1.0F}}},
        {{{.24F, .30F}, {.56F, .00F}, {.56F, .00F}, {.54F, .50F}, {.52F, 1.0F}}},
        {{{.28F, .24F}, {.52F, .00F}, {.52F, .00F}, {.52F, 1.0F}}, {{.22F, 1.0F}, {.82F, 1.0F}}},
    },
    {  // 2: sharp foot; looped foot; flat and angular
        {{{.14F, .26F}, {.28F, .05F}, {.58F, .00F}, {.82F, .22F}, {.70F, .50F}, {.40F, .78F}, {.10F, 1.0F}, {.10F, 1.0F}, {.90F, 1.0F}}},
        {{{.16F, .22F}, {.46F, .00F}, {.78F, .20F}, {.62F, .55F}, {.28F, .90F}, {.12F, .92F}, {.20F, .76F}, {.46F, .88F}, {.72F, .98F}, {.92F, .84F}}},
        {{{.18F, .10F}, {.55F, .00F}, {.80F, .16F}, {.74F, .44F}, {.16F, .98F}, {.16F, .98F}, {.84F, .96F}}},
    },
    {  // 3: two bows; flat top; with a small loop in the middle
        {{{.16F, .14F}, {.46F, .00F}, {.78F, .20F}, {.66F, .42F}, {.40F, .48F}, {.40F, .48F}, {.74F, .58F}, {.86F, .80F}, {.50F, 1.0F}, {.12F, .86F}}},
        {{{.16F, .02F}, {.80F, .00F}, {.80F, .00F}, {.42F, .40F}, {.42F, .40F}, {.76F, .52F}, {.82F, .80F}, {.50F, 1.0F}, {.14F, .88F}}},
        {{{.20F, .10F}, {.54F, .00F}, {.74F, .20F}, {.54F, .44F}, {.38F, .52F}, {.44F, .42F}, {.72F, .56F}, {.78F, .84F}, {.44F, 1.0F}, {.16F, .90F}}},
    },
    {  // 4: open; closed; open with a slanted bar
        {{{.26F, .02F}, {.10F, .58F}, {.10F, .58F}, {.90F, .58F}}, {{.66F, .26F}, {.64F, 1.0F}}},
        {{{.66F, 1.0F}, {.66F, .00F}, {.66F, .00F}, {.08F, .66F}, {.08F, .66F}, {.92F, .66F}}},
        {{{.32F, .00F}, {.20F, .30F}, {.16F, .56F}, {.40F, .60F}, {.88F, .52F}}, {{.78F, .04F}, {.66F, .50F}, {.58F, 1.0F}}},
    },
    {  // 5: in one go; with the top bar apart; round
        {{{.80F, .00F}, {.26F, .00F}, {.26F, .00F}, {.20F, .44F}, {.20F, .44F}, {.56F, .36F}, {.86F, .64F}, {.62F, .96F}, {.36F, 1.0F}, {.10F, .88F}}},
        {{{.28F, .04F}, {.22F, .44F}, {.22F, .44F}, {.58F, .40F}, {.82F, .68F}, {.56F, .98F}, {.14F, .94F}}, {{.28F, .04F}, {.86F, .00F}}},
        {{{.82F, .04F}, {.46F, .04F}, {.30F, .14F}, {.28F, .40F}, {.56F, .44F}, {.78F, .66F}, {.62F, .92F}, {.34F, 1.0F}, {.16F, .90F}}},
    },
    {  // 6: curved; straight back; tight bowl
        {{{.74F, .04F}, {.40F, .20F}, {.16F, .62F}, {.28F, .94F}, {.58F, 1.0F}, {.84F, .80F}, {.68F, .54F}, {.38F, .56F}, {.18F, .78F}}},
        {{{.60F, .00F}, {.32F, .42F}, {.18F, .76F}, {.40F, 1.0F}, {.74F, .90F}, {.72F, .60F}, {.44F, .56F}, {.20F, .76F}}},
        {{{.52F, .00F}, {.26F, .34F}, {.16F, .74F}, {.34F, .98F}, {.62F, .94F}, {.70F, .72F}, {.50F, .60F}, {.24F, .74F}}},
    },
    {  // 7: plain; crossed; with a serif and a bent stem
        {{{.10F, .02F}, {.88F, .02F}, {.88F, .02F}, {.58F, .50F}, {.40F, 1.0F}}},
        {{{.12F, .02F}, {.86F, .00F}, {.86F, .00F}, {.42F, 1.0F}}, {{.34F, .52F}, {.82F, .48F}}},
        {{{.12F, .20F}, {.14F, .04F}, {.14F, .04F}, {.50F, .08F}, {.84F, .02F}, {.84F, .02F}, {.54F, .44F}, {.48F, 1.0F}}},
    },
    {  // 8: in one go from the right; two circles; narrow, begun in the middle
        {{{.76F, .16F}, {.50F, .00F}, {.24F, .18F}, {.40F, .42F}, {.70F, .60F}, {.82F, .82F}, {.50F, 1.0F}, {.18F, .82F}, {.32F, .60F}, {.62F, .42F}, {.76F, .16F}}},
        {{{.50F, .00F}, {.26F, .12F}, {.28F, .36F}, {.50F, .46F}, {.72F, .36F}, {.74F, .12F}, {.50F, .00F}},
         {{.50F, .46F}, {.20F, .60F}, {.20F, .88F}, {.50F, 1.0F}, {.80F, .88F}, {.80F, .60F}, {.50F, .46F}}},
        {{{.50F, .46F}, {.30F, .28F}, {.46F, .00F}, {.70F, .14F}, {.58F, .42F}, {.36F, .62F}, {.32F, .88F}, {.56F, 1.0F}, {.72F, .80F}, {.50F, .46F}}},
    },
    {  // 9: straight stem; curved tail; stem bent to the left
        {{{.80F, .26F}, {.52F, .00F}, {.20F, .18F}, {.24F, .44F}, {.54F, .52F}, {.80F, .26F}, {.80F, .26F}, {.76F, .62F}, {.70F, 1.0F}}},
        {{{.80F, .22F}, {.50F, .00F}, {.18F, .22F}, {.34F, .50F}, {.66F, .46F}, {.80F, .22F}, {.80F, .60F}, {.60F, .96F}, {.22F, .94F}}},
        {{{.74F, .18F}, {.46F, .02F}, {.24F, .24F}, {.40F, .48F}, {.68F, .36F}, {.74F, .18F}, {.74F, .18F}, {.62F, .62F}, {.42F, 1.0F}}},
    },
}};
// clang-format on

Point catmull_rom(const Point& before, const Point& from, const Point& to, const Point& after, float t) {
  const auto blend = [t](float p0, float p1, float p2, float p3) {
    return 0.5F * (2.0F * p1 + (p2 - p0) * t + (2.0F * p0 - 5.0F * p1 + 4.0F * p2 - p3) * t * t +
                   (3.0F * (p1 - p2) + p3 - p0) * t * t * t);
  };
  return {blend(before.x, from.x, to.x, after.x), blend(before.y, from.y, to.y, after.y)};
}

bool same(const Point& a, const Point& b) {
  return a.x == b.x && a.y == b.y;
}

}  // namespace

const std::vector<Glyph>& glyphs_of(int digit) {
  return kGlyphs.at(static_cast<std::size_t>(digit));
}

Stroke flatten(const Stroke& stroke, int steps) {
  Stroke line = {stroke.front()};
  for (std::size_t i = 0; i + 1 < stroke.size(); ++i) {
    const Point &from = stroke[i], &to = stroke[i + 1];
    if (same(from, to)) continue;
    // A repeated neighbour makes the curve leave the corner straight, without a swing round it.
    const Point& before = i > 0 ? stroke[i - 1] : from;
    const Point& after = i + 2 < stroke.size() ? stroke[i + 2] : to;
    for (int step = 1; step <= steps; ++step) {
      line.push_back(
          catmull_rom(before, from, to, after, static_cast<float>(step) / static_cast<float>(steps)));
    }
  }
  return line;
}

}  // namespace tern
