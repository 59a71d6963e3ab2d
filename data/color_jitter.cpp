#include "tern/data/color_jitter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "tern/core/error.h"
#include "tern/data/pixel_operations.h"

namespace tern {
namespace {

using Adjustment = void (*)(Image&, float);

void check_range(const char* name, float range) {
  require<ConfigError>(range >= 0 && std::isfinite(range),
                       "color_jitter: {} is {}; it must be 0 or above, and finite", name, range);
}

struct Adjusted {
  Adjustment adjust;
  float low, high;  // its argument
};

Adjusted scaled(Adjustment adjust, float range) {
  return {adjust, std::max(0.0F, 1 - range), 1 + range};
}

}  // namespace

void check_color_jitter(const ColorJitter& jitter) {
  check_range("brightness", jitter.brightness);
  check_range("contrast", jitter.contrast);
  check_range("saturation", jitter.saturation);
  require<ConfigError>(jitter.hue >= 0 && jitter.hue <= 0.5F,
                       "color_jitter: hue is {}; it must be between 0 and 0.5", jitter.hue);
}

void color_jitter(const ColorJitter& jitter, Image& image, Random& random) {
  std::array<Adjusted, 4> steps = {
      scaled(adjust_brightness, jitter.brightness), scaled(adjust_contrast, jitter.contrast),
      scaled(adjust_saturation, jitter.saturation), Adjusted{adjust_hue, -jitter.hue, jitter.hue}};
  for (std::size_t left = steps.size(); left > 1; --left) {  // Fisher-Yates
    std::swap(steps[left - 1], steps[random.below(static_cast<std::uint32_t>(left))]);
  }
  for (const Adjusted& step : steps) {
    if (step.low < step.high) step.adjust(image, random.uniform(step.low, step.high));
  }
}

}  // namespace tern
