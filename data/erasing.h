// Augmentations that hide a part of a normalised image, by zeros: the mean colour.
#pragma once

#include "tern/core/random.h"
#include "tern/data/image.h"

namespace tern {

/// (height, width, channels), row by row.
struct NormalisedImage {
  float* pixels = nullptr;
  ImageExtents size;
  int channels = 0;
};

/// Cutout: a square of `side` pixels around a pixel drawn from the whole image, so that it may lie partly
/// outside (DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout",
/// 2017).
void cutout(const NormalisedImage& image, int side, Random& random);

/// Random erasing, with that probability, of a rectangle of 2 to 33 % of the area whose sides have ratios of
/// 0.3 to 3.3 (Zhong et al., AAAI 2020), as torchvision's RandomErasing.
void random_erasing(const NormalisedImage& image, float probability, Random& random);

}  // namespace tern
