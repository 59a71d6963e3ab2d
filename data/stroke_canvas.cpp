#include "tern/data/stroke_canvas.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tern {
namespace {

float squared_distance(const Point& p, const Point& a, const Point& b) {
  const float abx = b.x - a.x, aby = b.y - a.y, apx = p.x - a.x, apy = p.y - a.y;
  const float length = abx * abx + aby * aby;
  const float along = length > 0.0F ? std::clamp((apx * abx + apy * aby) / length, 0.0F, 1.0F) : 0.0F;
  const float dx = apx - along * abx, dy = apy - along * aby;
  return dx * dx + dy * dy;
}

/// Integers [first, last) of [0, size) that are within `reach` of the interval from `a` to `b`.
struct Range {
  Range(float a, float b, float reach, int size)
      : first(std::clamp(static_cast<int>(std::floor(std::min(a, b) - reach)), 0, size)),
        last(std::clamp(static_cast<int>(std::ceil(std::max(a, b) + reach)), 0, size)) {}
  int first, last;
};

}  // namespace

StrokeCanvas::StrokeCanvas(int size, const Colour& first, const Colour& second, const Point& direction)
    : size_(size), nearest_(static_cast<std::size_t>(size) * size) {
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const float half = static_cast<float>(size) / 2.0F;
      const float along = (static_cast<float>(x) + 0.5F - half) * direction.x +
                          (static_cast<float>(y) + 0.5F - half) * direction.y;
      const float share = std::clamp(0.5F + along / static_cast<float>(size), 0.0F, 1.0F);
      for (std::size_t c = 0; c < 3; ++c) pixels_.push_back(first[c] + share * (second[c] - first[c]));
    }
  }
}

void StrokeCanvas::draw(const Stroke& line, const Pen& pen) {
  const float reach = (pen.width + pen.softness) / 2.0F;
  std::fill(nearest_.begin(), nearest_.end(), reach * reach);
  for (std::size_t i = 0; i + 1 < line.size(); ++i) approach(line[i], line[i + 1], reach);
  for (std::size_t i = 0; i < nearest_.size(); ++i) {
    const float outside = std::sqrt(nearest_[i]) - pen.width / 2.0F;
    const float coverage = std::clamp(0.5F - outside / pen.softness, 0.0F, 1.0F);
    for (std::size_t c = 0; c < 3; ++c) {
      float& value = pixels_[i * 3 + c];
      value += coverage * (pen.ink[c] - value);
    }
  }
}

void StrokeCanvas::approach(const Point& from, const Point& to, float reach) {
  const Range rows(from.y, to.y, reach, size_), columns(from.x, to.x, reach, size_);
  for (int y = rows.first; y < rows.last; ++y) {
    for (int x = columns.first; x < columns.last; ++x) {
      const Point center{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
      float& nearest = nearest_[static_cast<std::size_t>(y) * size_ + x];
      nearest = std::min(nearest, squared_distance(center, from, to));
    }
  }
}

void StrokeCanvas::add_noise(float standard_deviation, Random& random) {
  for (float& value : pixels_) value += random.normal(0.0F, standard_deviation);
}

Image StrokeCanvas::to_image() const {
  Image image{size_, size_, {}};
  image.pixels.reserve(pixels_.size());
  for (const float value : pixels_) {
    image.pixels.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F))));
  }
  return image;
}

}  // namespace tern
