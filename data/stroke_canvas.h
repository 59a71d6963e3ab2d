// Draws antialiased strokes into a square RGB image of floats.
#pragma once

#include <array>
#include <vector>

#include "tern/core/random.h"
#include "tern/data/digit_glyphs.h"
#include "tern/data/image.h"

namespace tern {

using Colour = std::array<float, 3>;  // red, green, blue in [0, 255]

struct Pen {
  Colour ink;
  float width = 2.0F;     // pixels
  float softness = 1.0F;  // pixels over which the edge fades: 1 is sharp, more is out of focus
};

class StrokeCanvas {
 public:
  /// A gradient from `first` to `second` along the unit vector `direction`.
  StrokeCanvas(int size, const Colour& first, const Colour& second, const Point& direction);

  /// Draws a polyline of two points or more, which are in pixels; (0, 0) is the top left corner of the image.
  void draw(const Stroke& line, const Pen& pen);
  /// Adds normally distributed noise to every value.
  void add_noise(float standard_deviation, Random& random);
  Image to_image() const;

 private:
  /// Lowers the distances of the pixels within `reach` of a segment.
  void approach(const Point& from, const Point& to, float reach);

  int size_;
  std::vector<float> pixels_;   // (size, size, 3)
  std::vector<float> nearest_;  // (size, size): squared distance from the stroke being drawn
};

}  // namespace tern
