// The shapes of the handwritten-looking digits: strokes through a few points, several ways to write each.
#pragma once

#include <vector>

namespace tern {

struct Point {
  float x = 0.0F;  // to the right
  float y = 0.0F;  // down
};

/// A stroke runs smoothly through its points; a point given twice is a corner.
using Stroke = std::vector<Point>;
/// One way to write a digit, within the square [0, 1] x [0, 1].
using Glyph = std::vector<Stroke>;

/// The ways to write `digit`, 0 to 9.
const std::vector<Glyph>& glyphs_of(int digit);

/// The stroke as a polyline of `steps` segments from point to point: a Catmull-Rom spline.
Stroke flatten(const Stroke& stroke, int steps);

}  // namespace tern
