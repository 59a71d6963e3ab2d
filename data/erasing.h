// Augmentations that hide a part of a normalised image, by zeros: the mean colour.
#pragma once

#include <array>

#include "tern/core/random.h"
#include "tern/data/image.h"

namespace tern {

/// (height, width, channels), row by row.
struct NormalisedImage {
  float* pixels = nullptr;
  ImageExtents size;
  int channels = 0;
};

/// What both augmentations hide of an image: rectangles within it, of no pixels where nothing is hidden.
using ErasedParts = std::array<Rectangle, 2>;

/// Cutout: a square of `side` pixels around a pixel drawn from the whole image, so that it may lie partly
/// outside, which is left out (DeVries and Taylor, "Improved regularization of convolutional neural networks
/// with cutout", 2017).
Rectangle draw_cutout(ImageExtents image, int side, Random& random);

/// Random erasing, with that probability, of a rectangle of 2 to 33 % of the area whose sides have ratios of
/// 0.3 to 3.3 (Zhong et al., AAAI 2020), as torchvision's RandomErasing.
Rectangle draw_erasing(ImageExtents image, float probability, Random& random);

void erase(const NormalisedImage& image, const Rectangle& part);

}  // namespace tern
