#include "tern/models/engine/pixel_finder.h"

#include <cmath>
#include <cstddef>

namespace tern::engine {
namespace {

constexpr float kMaxPixel = 255;
/// Added and subtracted, it rounds a float of up to 2^22 to the next integer.
constexpr float kRounder = 0x1.8p23F;

}  // namespace

PixelFinder::PixelFinder(const InputSection& input, const ActivationMap& image) : rows_(image.height) {
  for (std::ptrdiff_t i = 0; i < image.row_values(); ++i) {
    const std::size_t c = static_cast<std::size_t>(i) % input.mean.size();
    factor_.push_back(kMaxPixel * static_cast<float>(input.std[c]));
    summand_.push_back(kMaxPixel * static_cast<float>(input.mean[c]));
  }
}

bool PixelFinder::find(const float* image, std::uint8_t* pixels) const {
  const std::size_t values = factor_.size();
  for (int row = 0; row < rows_; ++row, image += values, pixels += values) {
    int strangers = 0;
    for (std::size_t i = 0; i < values; ++i) {
      const float value = image[i] * factor_[i] + summand_[i];
      const float pixel = (value + kRounder) - kRounder;
      const bool known = (std::fabs(value - pixel) <= kTolerance) & (pixel >= 0) & (pixel <= kMaxPixel);
      strangers += known ? 0 : 1;
      pixels[i] = static_cast<std::uint8_t>(known ? static_cast<int>(pixel) : 0);
    }
    if (strangers > 0) return false;
  }
  return true;
}

}  // namespace tern::engine
