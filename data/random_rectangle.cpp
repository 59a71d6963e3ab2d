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

Rectangle random_square(int size, int side, Random& random) {
  const int y = static_cast<int>(random.below(static_cast<std::uint32_t>(size)));
  const int x = static_cast<int>(random.below(static_cast<std::uint32_t>(size)));
  const int top = std::max(y - side / 2, 0), left = std::max(x - side / 2, 0);
  const int bottom = std::min(y - side / 2 + side, size), right = std::min(x - side / 2 + side, size);
  return {top, left, bottom - top, right - left};
}

}  // namespace tern
