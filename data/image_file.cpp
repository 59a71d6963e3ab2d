#include "tern/data/image_file.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "tern/core/error.h"
#include "tern/data/exif.h"
#include "tern/data/image_decoder_impl.h"
#include "tern/data/read_file.h"

namespace tern {
namespace {

using Bytes = std::span<const std::uint8_t>;
using MakeDecoder = std::unique_ptr<ImageDecoder> (*)(Bytes, const std::string&);

struct Signature {
  std::size_t offset;
  std::string_view text;
};

struct Format {
  Signature signature;
  const char* name;
  MakeDecoder make_decoder;  // null: it is known by name alone
};

using namespace std::string_view_literals;
constexpr Format kFormats[] = {
    {{0, "\xff\xd8"sv}, "a JPEG", make_jpeg_decoder},
    {{0, "\x89PNG\r\n\x1a\n"sv}, "a PNG", make_png_decoder},
    {{8, "WEBP"sv}, "a WebP", make_webp_decoder},
    {{0, "GIF8"sv}, "a GIF", nullptr},
    {{0, "BM"sv}, "a BMP", nullptr},
    {{0, "II*\0"sv}, "a TIFF", nullptr},
    {{0, "MM\0*"sv}, "a TIFF", nullptr},
    {{4, "ftyp"sv}, "an AVIF or HEIF", nullptr},
};

bool matches(Bytes bytes, const Signature& signature) {
  const auto [offset, text] = signature;
  return bytes.size() >= offset + text.size() &&
         std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

std::unique_ptr<ImageDecoder> open_decoder(Bytes bytes, const std::string& name) {
  require<DataError>(!bytes.empty(), "{}: the image is empty (0 bytes); replace or delete it", name);
  for (const Format& format : kFormats) {
    if (!matches(bytes, format.signature)) continue;
    require<DataError>(format.make_decoder != nullptr,
                       "{}: is {}, not a JPEG, PNG or WebP; convert it or delete it", name, format.name);
    return format.make_decoder(bytes, name);
  }
  throw DataError(
      fmt::format("{}: is not a JPEG, PNG or WebP: byte 0 is {:#04x}; replace or delete it", name, bytes[0]));
}

ImageExtents checked_extents(ImageDecoder& decoder, const std::string& name, const ImageOptions& options) {
  const ImageExtents extents = decoder.read_extents();
  const std::int64_t pixels = std::int64_t{extents.height} * extents.width;
  require<DataError>(pixels <= options.max_pixels,
                     "{}: the image's header says {} x {} = {} pixels, the limit is {}; shrink or delete it",
                     name, extents.width, extents.height, pixels, options.max_pixels);
  return extents;
}

/// Alpha times the colour and the rest of the background, rounded, as Pillow's alpha_composite.
void put_on_background(std::vector<std::uint8_t>& pixels, const std::array<std::uint8_t, 3>& background) {
  const std::size_t count = pixels.size() / 4;
  for (std::size_t i = 0; i < count; ++i) {
    const int alpha = pixels[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      const int sum = pixels[4 * i + c] * alpha + background[c] * (255 - alpha);
      pixels[3 * i + c] = static_cast<std::uint8_t>((sum + 127) / 255);
    }
  }
  pixels.resize(3 * count);
  pixels.shrink_to_fit();
}

Image read_whole(ImageDecoder& decoder, ImageExtents extents, const ImageOptions& options) {
  DecodedPixels pixels = decoder.read_pixels();
  if (pixels.channels == 4) put_on_background(pixels.bytes, options.background);
  Image image{extents.height, extents.width, std::move(pixels.bytes)};
  return options.exif_orientation ? upright(std::move(image), decoder.orientation()) : image;
}

ImagePart whole_part(Image image) {
  const ImageExtents extents{image.height, image.width};
  return {std::move(image), 0, 0, extents};
}

ImageExtents extents_of(Bytes bytes, const std::string& name, const ImageOptions& options) {
  const auto decoder = open_decoder(bytes, name);
  const ImageExtents extents = checked_extents(*decoder, name, options);
  return options.exif_orientation ? upright(extents, decoder->orientation()) : extents;
}

}  // namespace

bool has_image_suffix(const std::filesystem::path& path) {
  constexpr std::string_view kSuffixes[] = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"};
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(std::begin(kSuffixes), std::end(kSuffixes), suffix) != std::end(kSuffixes);
}

Image decode_image(Bytes bytes, const std::string& name, const ImageOptions& options) {
  const auto decoder = open_decoder(bytes, name);
  const ImageExtents extents = checked_extents(*decoder, name, options);
  return read_whole(*decoder, extents, options);
}

ImagePart decode_image_part(Bytes bytes, const std::string& name, const ImageOptions& options,
                            const ChooseRegion& choose) {
  const auto decoder = open_decoder(bytes, name);
  const ImageExtents stored = checked_extents(*decoder, name, options);
  if (!decoder->reads_parts()) return whole_part(read_whole(*decoder, stored, options));
  const int orientation = options.exif_orientation ? decoder->orientation() : 1;
  const ImageExtents whole = upright(stored, orientation);
  ImageRegion region = choose(whole);
  if (orientation == 1) return decoder->read_part(region);
  const ImageExtents extents = shrunk(stored, region.shrink);
  region.rectangle = {0, 0, extents.height, extents.width};
  return {upright(decoder->read_part(region).image, orientation), 0, 0, whole, region.shrink};
}

ImagePart read_image_part(const std::filesystem::path& path, const ImageOptions& options,
                          const ChooseRegion& choose) {
  return decode_image_part(read_file(path, options.max_file_bytes), path.string(), options, choose);
}

Image read_image(const std::filesystem::path& path, const ImageOptions& options) {
  return decode_image(read_file(path, options.max_file_bytes), path.string(), options);
}

ImageExtents read_image_extents(const std::filesystem::path& path, const ImageOptions& options) {
  constexpr std::uint64_t kFirstPiece = 64 * 1024;
  const std::string name = path.string();
  const std::vector<std::uint8_t> piece = read_file(path, options.max_file_bytes, kFirstPiece);
  if (piece.size() < kFirstPiece) return extents_of(piece, name, options);
  try {
    return extents_of(piece, name, options);
  } catch (const DataError&) {  // perhaps pictures and profiles in the header are longer than that
    return extents_of(read_file(path, options.max_file_bytes), name, options);
  }
}

}  // namespace tern
