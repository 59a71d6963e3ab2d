// JPEG files out, by libjpeg-turbo; image_file.h reads them.
#pragma once

#include <cstdint>
#include <vector>

#include "tern/data/image.h"

namespace tern {

enum class ChromaSubsampling {
  none,   // 4:4:4: small images keep their colour sharp
  halved  // 4:2:0, as cameras write photographs: quicker to decode
};

inline constexpr int kMaxJpegSide = 65500;  // pixels; libjpeg's JPEG_MAX_DIMENSION

/// Encodes at `quality` 1 to 100. Throws ShapeError if the image is empty, too large for JPEG (kMaxJpegSide)
/// or has another number of bytes than its extents say.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality,
                                      ChromaSubsampling subsampling = ChromaSubsampling::none);

}  // namespace tern
