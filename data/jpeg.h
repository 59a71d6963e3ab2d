// JPEG files out, by libjpeg-turbo; image_file.h reads them.
#pragma once

#include <cstdint>
#include <vector>

#include "tern/data/image.h"

namespace tern {

/// Encodes at `quality` 1 to 100, without chroma subsampling (4:4:4), which would blur the colour of images
/// of a few dozen pixels. Throws ShapeError if the image is empty, too large for JPEG (65500 pixels a side)
/// or has another number of bytes than its extents say.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);

}  // namespace tern
