#include "tern/data/exif.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tern {
namespace {

/// Reads the integers of a TIFF; 0 beyond its end.
class TiffReader {
 public:
  explicit TiffReader(std::span<const std::uint8_t> bytes)
      : bytes_(bytes), big_endian_(!bytes.empty() && bytes[0] == 'M') {}

  std::uint32_t u16(std::size_t offset) const { return integer(offset, 2); }
  std::uint32_t u32(std::size_t offset) const { return integer(offset, 4); }

 private:
  std::uint32_t integer(std::size_t offset, std::size_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | bytes_[offset + (big_endian_ ? i : size - 1 - i)];
    }
    return value;
  }

  std::span<const std::uint8_t> bytes_;
  bool big_endian_;
};

bool swaps_sides(int orientation) {
  return orientation >= 5;
}

}  // namespace

int exif_orientation(std::span<const std::uint8_t> exif) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  if (exif.size() >= kPrefix.size() && std::equal(kPrefix.begin(), kPrefix.end(), exif.begin())) {
    exif = exif.subspan(kPrefix.size());
  }
  constexpr std::uint32_t kMagic = 42, kOrientationTag = 0x0112, kShort = 3;
  constexpr std::size_t kEntryBytes = 12;
  const TiffReader tiff(exif);
  if (tiff.u16(2) != kMagic) return 1;
  const std::size_t directory = tiff.u32(4);
  for (std::size_t i = 0; i < tiff.u16(directory); ++i) {
    const std::size_t entry = directory + 2 + kEntryBytes * i;
    if (tiff.u16(entry) != kOrientationTag) continue;
    const std::uint32_t value = tiff.u16(entry + 2) == kShort ? tiff.u16(entry + 8) : tiff.u32(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Image upright(Image image, int orientation) {
  if (orientation == 1) return image;
  // Pixel (y, x) is the stored one of row y, or x, counted from the end where the camera was upside down.
  const bool from_last_row = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool from_last_column = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const ImageExtents extents = upright(ImageExtents{image.height, image.width}, orientation);
  Image turned{extents.height, extents.width, std::vector<std::uint8_t>(image.pixels.size())};
  std::uint8_t* out = turned.pixels.data();
  for (int y = 0; y < turned.height; ++y) {
    for (int x = 0; x < turned.width; ++x, out += 3) {
      int row = y, column = x;
      if (swaps_sides(orientation)) std::swap(row, column);
      if (from_last_row) row = image.height - 1 - row;
      if (from_last_column) column = image.width - 1 - column;
      const std::size_t pixel = static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width) +
                                static_cast<std::size_t>(column);
      std::copy_n(image.pixels.data() + 3 * pixel, 3, out);
    }
  }
  return turned;
}

ImageExtents upright(ImageExtents stored, int orientation) {
  if (swaps_sides(orientation)) std::swap(stored.height, stored.width);
  return stored;
}

}  // namespace tern
