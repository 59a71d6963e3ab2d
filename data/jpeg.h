// JPEG files in and out, by libjpeg-turbo.
//
// Decoding gives what Pillow's convert("RGB") gives: grey is replicated, CMYK and YCCK are taken as inverted,
// the convention of Adobe that every common writer follows, and multiplied out. An EXIF orientation is not
// applied, as in torchvision. Whatever libjpeg warns of (truncation, bad codes, stray bytes) counts as an
// error: the picture it would return then is partly grey or garbage. Stray bytes before the end marker alone
// harm nothing, and are taken. Out of memory is std::bad_alloc, which says nothing of the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tern/data/image.h"

namespace tern {

constexpr std::int64_t kPixelsPerMegapixel = 1'000'000;
/// libjpeg takes 65500 pixels a side.
constexpr int kMaxMegapixels = 4291;

struct JpegLimits {
  std::int64_t max_pixels = 100'000'000;             // height * width, checked before decoding
  std::uint64_t max_file_bytes = 256 * 1024 * 1024;  // checked before reading
};

/// Decodes a JPEG; `name` is what errors call it. Throws DataError with libjpeg's reason and the byte offset.
Image decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& name,
                  const JpegLimits& limits = {});

/// Height and width from the header of a file, of which no more is read. Throws DataError naming the path.
ImageExtents read_jpeg_extents(const std::filesystem::path& path, const JpegLimits& limits = {});

/// Reads and decodes a file. Throws DataError naming the path.
Image read_jpeg(const std::filesystem::path& path, const JpegLimits& limits = {});

/// Encodes at `quality` 1 to 100, without chroma subsampling (4:4:4), which would blur the colour of images
/// of a few dozen pixels. Throws ShapeError if the image is empty, too large for JPEG (65500 pixels a side)
/// or has another number of bytes than its extents say.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);

}  // namespace tern
