// The orientation of EXIF: how a camera was held, and how its image is turned upright.
#pragma once

#include <cstdint>
#include <span>

#include "tern/data/image.h"

namespace tern {

/// From a block of EXIF, which is a small TIFF, with or without "Exif\0\0" before it: 1 to 8, of which 1 is
/// upright; 1 also where it says nothing that makes sense. (CIPA DC-008, tag 0x0112 of the first directory.)
int exif_orientation(std::span<const std::uint8_t> exif);

/// What an image that was stored by this orientation shows.
Image upright(Image image, int orientation);
ImageExtents upright(ImageExtents stored, int orientation);

}  // namespace tern
