// PNG files out, by libspng; image_file.h reads them.
#pragma once

#include <cstdint>
#include <vector>

#include "tern/data/image.h"

namespace tern {

/// Encodes 8-bit RGB. Throws ShapeError if the image is empty or has another number of bytes than its extents
/// say.
std::vector<std::uint8_t> encode_png(const Image& image);

}  // namespace tern
