// Operations of Pillow and torchvision on the pixels of an 8-bit RGB image, in place.
#pragma once

#include "tern/data/image.h"

namespace tern {

// A factor of 1 leaves the image as it is, 0 gives the plainest one, a larger one exaggerates:
// PIL.ImageEnhance.

void adjust_brightness(Image& image, float factor);  // 0: black
void adjust_contrast(Image& image, float factor);    // 0: the mean luminance everywhere
void adjust_saturation(Image& image, float factor);  // 0: grey
void adjust_sharpness(Image& image, float factor);   // 0: smoothed; the outermost pixels stay

/// Turns the hue of every pixel by `turns` of the circle of colours; value and saturation stay.
void adjust_hue(Image& image, float turns);

/// Keeps the highest `bits`, 1 to 8, of each value.
void posterize(Image& image, int bits);
/// Inverts the values from `threshold` on; 256 inverts none.
void solarize(Image& image, int threshold);
/// Stretches each channel so that it reaches from 0 to 255.
void autocontrast(Image& image);
/// Maps each channel so that its values are about equally frequent.
void equalize(Image& image);

/// From the position of a pixel of the result, x to the right and y down, pixel centres at halves, to where
/// it comes from: (xx * x + xy * y + x0, yx * x + yy * y + y0).
struct AffineMap {
  float xx = 1, xy = 0, x0 = 0;
  float yx = 0, yy = 1, y0 = 0;
};

/// The nearest pixel; black outside of the image.
void transform_affine(Image& image, const AffineMap& map);

}  // namespace tern
