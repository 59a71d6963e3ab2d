#pragma once

#include "tern/core/random.h"
#include "tern/data/image.h"

namespace tern {

/// One of 14 operations of a random strength: none, shears, translations, rotation, brightness, saturation,
/// contrast, sharpness, posterize, solarize, autocontrast, equalize. Müller and Hutter, "TrivialAugment:
/// tuning-free yet state-of-the-art data augmentation", ICCV 2021, in the wide space, as torchvision's
/// TrivialAugmentWide.
void trivial_augment(Image& image, Random& random);

}  // namespace tern
