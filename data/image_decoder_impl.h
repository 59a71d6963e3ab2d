// What image_file.cpp asks of each format.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tern/core/error.h"
#include "tern/data/image.h"

namespace tern {

struct DecodedPixels {
  int channels = 3;  // red, green, blue and, of 4, alpha
  std::vector<std::uint8_t> bytes;
};

/// Of one file, whose bytes and name must outlive it. All throw DataError.
class ImageDecoder {
 public:
  virtual ~ImageDecoder() = default;

  /// As stored; called first.
  virtual ImageExtents read_extents() = 0;
  /// This or read_part is called, once.
  virtual DecodedPixels read_pixels() = 0;
  /// Whether it is cheaper to read a part, and the orientation is known before.
  virtual bool reads_parts() const { return false; }
  /// At least the region, as stored.
  virtual ImagePart read_part(const ImageRegion& /*region*/) { throw Error("this format is read whole"); }
  /// EXIF's, 1 to 8, from what has been read so far.
  virtual int orientation() = 0;
};

std::unique_ptr<ImageDecoder> make_jpeg_decoder(std::span<const std::uint8_t> bytes, const std::string& name);
std::unique_ptr<ImageDecoder> make_png_decoder(std::span<const std::uint8_t> bytes, const std::string& name);
std::unique_ptr<ImageDecoder> make_webp_decoder(std::span<const std::uint8_t> bytes, const std::string& name);

[[noreturn]] inline void fail_decoding(const std::string& name, const char* format, std::string_view reason) {
  throw DataError(
      fmt::format("{}: the {} is corrupt, truncated or of an unsupported kind: {}; replace or delete it",
                  name, format, reason));
}

}  // namespace tern
