#include "tern/data/random_rectangle.h"

#include <algorithm>
#include <cmath>

namespace tern {

std::optional<Rectangle> random_rectangle(int height, int width, const std::array<float, 2>& scale,
                                          const std::array<float, 2>& ratio, Random& random) {
  constexpr int kAttempts = 10;
  const double area = static_cast<double>(height) * width;
  const float log_low = std::log(ratio[0]), log_high = std::log(ratio[1]);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double target = area * random.uniform(scale[0], scale[1]);
    const double aspect = std::exp(double{random.uniform(log_low, log_high)});
    const int columns = static_cast<int>(std::nearbyint(std::sqrt(target * aspect)));
    const int rows = static_cast<int>(std::nearbyint(std::sqrt(target / aspect)));
    if (columns < 1 || columns > width || rows < 1 || rows > height) continue;
    const int top = static_cast<int>(random.below(static_cast<std::uint32_t>(height - rows) + 1));
    const int left = static_cast<int>(random.below(static_cast<std::uint32_t>(width - columns) + 1));
    return Rectangle{top, left, rows, columns};
  }
  return {};
}

Rectangle rectangle_around_pixel(ImageExtents image, ImageExtents size, Random& random) {
  const int y = static_cast<int>(random.below(static_cast<std::uint32_t>(image.height)));
  const int x = static_cast<int>(random.below(static_cast<std::uint32_t>(image.width)));
  const int top = std::max(y - size.height / 2, 0), left = std::max(x - size.width / 2, 0);
  const int bottom = std::min(y - size.height / 2 + size.height, image.height);
  const int right = std::min(x - size.width / 2 + size.width, image.width);
  return {top, left, bottom - top, right - left};
}

}  // namespace tern
