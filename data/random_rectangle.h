#pragma once

#include <array>
#include <optional>

#include "tern/core/random.h"
#include "tern/data/image.h"

namespace tern {

/// A rectangle within height x width pixels that covers a share of their area drawn from `scale`, with a
/// width / height drawn, in its logarithm, from `ratio`; then its place. Szegedy et al., "Going deeper with
/// convolutions", 2015, section 6, as torchvision's RandomResizedCrop and RandomErasing. Empty if 10 shapes
/// in turn did not fit.
std::optional<Rectangle> random_rectangle(int height, int width, const std::array<float, 2>& scale,
                                          const std::array<float, 2>& ratio, Random& random);

/// A rectangle of `size` around a pixel drawn from all of the image, without what of it lies outside.
Rectangle rectangle_around_pixel(ImageExtents image, ImageExtents size, Random& random);

}  // namespace tern
