// Image files: JPEG by libjpeg-turbo, PNG by libspng, WebP by libwebp. The bytes tell the format, not the
// name.
//
// Decoding gives what Pillow's convert("RGB") gives, made upright by ImageOps.exif_transpose and, where there
// is transparency, put on a background by alpha_composite. Grey is replicated, 16 bits are cut to their high
// byte (Pillow cuts 16-bit grey off at 255 instead), colour profiles and gamma are not applied. CMYK and YCCK
// JPEGs are taken as inverted, the convention of Adobe that every common writer follows, and multiplied out.
// What a library warns of where pixels are at stake (truncation, bad codes) is an error; stray bytes before a
// JPEG's end marker, and what follows a PNG's pixels, harm nothing and are taken. An animated WebP is
// refused. Out of memory is std::bad_alloc, which says nothing of the file.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "tern/data/image.h"

namespace tern {

constexpr std::int64_t kPixelsPerMegapixel = 1'000'000;
/// The most that any format holds: a JPEG has 65500 pixels a side.
constexpr int kMaxMegapixels = 4291;

struct ImageOptions {
  std::int64_t max_pixels = 100'000'000;                     // height * width, checked before decoding
  std::uint64_t max_file_bytes = 256 * 1024 * 1024;          // checked before reading
  bool exif_orientation = true;                              // turn the image as its EXIF tag says
  std::array<std::uint8_t, 3> background = {255, 255, 255};  // RGB behind transparent pixels
};

/// Whether the name of a file ends like that of an image: .jpg, .jpeg, .jpe, .jfif, .png or .webp in any
/// case.
bool has_image_suffix(const std::filesystem::path& path);

/// The suffixes above, for messages.
constexpr const char* kImageSuffixes = ".jpg, .jpeg, .jpe, .jfif, .png or .webp";

/// `name` is what errors call the file. Throws DataError with the library's reason; for other formats, saying
/// which.
Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name,
                   const ImageOptions& options = {});

/// Reads and decodes a file. Throws DataError naming the path.
Image read_image(const std::filesystem::path& path, const ImageOptions& options = {});

/// At least the region that `choose` asks for, with the same pixels as in the whole image where it is not
/// shrunk. A JPEG is decoded no further than that: damage in the rows below goes unseen, but not a missing
/// end. Files of other formats are decoded whole, and not shrunk.
ImagePart decode_image_part(std::span<const std::uint8_t> bytes, const std::string& name,
                            const ImageOptions& options, const ChooseRegion& choose);
ImagePart read_image_part(const std::filesystem::path& path, const ImageOptions& options,
                          const ChooseRegion& choose);

/// Height and width from the header of a file, as a rule of no more than its first 64 KiB; an orientation
/// that a PNG tells only behind its pixels does not count. Throws DataError naming the path.
ImageExtents read_image_extents(const std::filesystem::path& path, const ImageOptions& options = {});

}  // namespace tern
