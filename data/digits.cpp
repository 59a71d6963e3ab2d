#include "tern/data/digits.h"

#include <cmath>
#include <cstddef>

#include "tern/core/random.h"
#include "tern/data/digit_glyphs.h"
#include "tern/data/stroke_canvas.h"

namespace tern {
namespace {

// The ranges below set how hard the task is: a float ResNet of three blocks (16, 32, 64 channels) trained for
// three epochs on 20,000 images gets 95.6 % of 4,000 test images right.
constexpr float kSize = kDigitSize;
constexpr int kStepsPerPoint = 6;
constexpr float kMinContrast = 60.0F;      // how much darker than its paper the ink is, in luminance
constexpr float kMaxPointJitter = 0.055F;  // of the digit's height

/// x' = a x + b y + dx, y' = c x + d y + dy
struct Affine {
  float a, b, c, d, dx, dy;

  Point operator()(const Point& p) const { return {a * p.x + b * p.y + dx, c * p.x + d * p.y + dy}; }
};

/// From the unit square of the glyphs to pixels, its centre going to `center`.
Affine random_affine(const Point& center, Random& random) {
  const float angle = random.uniform(-0.35F, 0.35F), shear = random.uniform(-0.35F, 0.35F);
  const float height = kSize * random.uniform(0.45F, 0.78F), width = height * random.uniform(0.5F, 0.9F);
  const float cosine = std::cos(angle), sine = std::sin(angle);
  Affine map{width * cosine, shear * width * cosine - height * sine,
             width * sine,   shear * width * sine + height * cosine,
             0.0F,           0.0F};
  const Point moved = map({0.5F, 0.5F});
  map.dx = center.x - moved.x;
  map.dy = center.y - moved.y;
  return map;
}

float luminance(const Colour& colour) {
  return 0.299F * colour[0] + 0.587F * colour[1] + 0.114F * colour[2];
}

Colour random_colour(Random& random) {
  return {random.uniform(0.0F, 255.0F), random.uniform(0.0F, 255.0F), random.uniform(0.0F, 255.0F)};
}

Colour random_paper(Random& random) {
  return {random.uniform(110.0F, 255.0F), random.uniform(110.0F, 255.0F), random.uniform(110.0F, 255.0F)};
}

/// Always darker than the paper, as pens are: with either polarity a small network needs many epochs just to
/// tell ink from paper.
Colour random_ink(const Colour& paper, Random& random) {
  while (true) {
    const Colour ink = random_colour(random);
    if (luminance(paper) - luminance(ink) >= kMinContrast) return ink;
  }
}

Colour nearby_colour(Colour colour, float distance, Random& random) {
  for (float& value : colour) value += random.uniform(-distance, distance);
  return colour;
}

void draw_digit(StrokeCanvas& canvas, int digit, const Point& center, const Pen& pen, Random& random) {
  const std::vector<Glyph>& glyphs = glyphs_of(digit);
  const Glyph& glyph = glyphs[random.below(static_cast<std::uint32_t>(glyphs.size()))];
  const Affine map = random_affine(center, random);
  const float jitter = random.uniform(0.0F, kMaxPointJitter);
  for (Stroke stroke : glyph) {
    Point offset, previous;
    for (std::size_t i = 0; i < stroke.size(); ++i) {
      const Point original = stroke[i];
      // Both points of a corner move together.
      const bool corner = i > 0 && original.x == previous.x && original.y == previous.y;
      if (!corner) offset = {random.normal(0.0F, jitter), random.normal(0.0F, jitter)};
      stroke[i] = map({original.x + offset.x, original.y + offset.y});
      previous = original;
    }
    canvas.draw(flatten(stroke, kStepsPerPoint), pen);
  }
}

/// A digit of which the image shows only an edge, as in a cut-out of a longer number.
void draw_neighbour(StrokeCanvas& canvas, const Pen& pen, Random& random) {
  const float side = random.below(2) == 0 ? -1.0F : 1.0F;
  const float along = kSize / 2 + random.uniform(-0.15F, 0.15F) * kSize;
  const float across = kSize / 2 + side * random.uniform(0.55F, 0.75F) * kSize;
  const bool vertical = random.below(4) == 0;
  const int digit = static_cast<int>(random.below(10));
  draw_digit(canvas, digit, vertical ? Point{along, across} : Point{across, along}, pen, random);
}

void draw_scribble(StrokeCanvas& canvas, const Pen& pen, Random& random) {
  const Point from{random.uniform(0.0F, kSize), random.uniform(0.0F, kSize)};
  const float angle = random.uniform(0.0F, 6.2831853F), length = random.uniform(0.0F, 9.0F);
  canvas.draw({from, {from.x + length * std::cos(angle), from.y + length * std::sin(angle)}}, pen);
}

}  // namespace

Image render_digit(std::uint64_t seed, Split split, std::uint32_t index, int& label) {
  Random random(seed, RandomPurpose::digits, split == Split::train ? 0 : 1, index);
  label = static_cast<int>(index % 10);

  const Colour paper = random_paper(random);
  const float angle = random.uniform(0.0F, 6.2831853F);
  StrokeCanvas canvas(kDigitSize, nearby_colour(paper, 25.0F, random), nearby_colour(paper, 25.0F, random),
                      {std::cos(angle), std::sin(angle)});
  const Pen pen{random_ink(paper, random), random.uniform(1.4F, 3.8F), random.uniform(1.0F, 2.4F)};

  for (std::uint32_t left = random.below(3); left > 0; --left) draw_neighbour(canvas, pen, random);
  const Point center{kSize / 2 + random.uniform(-3.5F, 3.5F), kSize / 2 + random.uniform(-3.5F, 3.5F)};
  draw_digit(canvas, label, center, pen, random);
  for (std::uint32_t left = random.below(4); left > 0; --left) {
    const Colour ink = random.below(2) == 0 ? pen.ink : random_colour(random);
    draw_scribble(canvas, {ink, random.uniform(1.0F, 2.5F), pen.softness}, random);
  }
  canvas.add_noise(random.uniform(2.0F, 24.0F), random);
  return canvas.to_image();
}

}  // namespace tern
