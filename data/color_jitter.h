#pragma once

#include "tern/core/random.h"
#include "tern/data/image.h"

namespace tern {

/// How far colours change, as torchvision's ColorJitter; 0: not at all.
struct ColorJitter {
  float brightness = 0;  // the factor is drawn between 1 - brightness, at least 0, and 1 + brightness
  float contrast = 0;    // the same
  float saturation = 0;  // the same
  float hue = 0;         // turned by -hue to hue of the circle of colours; at most 0.5

  bool changes() const { return brightness > 0 || contrast > 0 || saturation > 0 || hue > 0; }
};

/// Throws ConfigError for values out of range.
void check_color_jitter(const ColorJitter& jitter);

/// Changes the image by those that are not 0, in random order.
void color_jitter(const ColorJitter& jitter, Image& image, Random& random);

}  // namespace tern
