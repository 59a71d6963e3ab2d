#include <algorithm>
#include <new>
#include <string_view>

#include "tern/core/error.h"
#include "tern/data/jpeg.h"
#include "tern/data/jpeg_error_impl.h"
#include "tern/data/read_file.h"

namespace tern {
namespace {

using Bytes = std::span<const std::uint8_t>;

// A progressive file has about ten scans. Each may be a few bytes long and yet makes the decoder walk over
// the whole picture, so without a bound a small file could keep it busy for hours.
constexpr int kMaxScans = 200;

bool has_text(Bytes bytes, std::size_t offset, std::string_view text) {
  return bytes.size() >= offset + text.size() &&
         std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// The format of files that are often renamed to .jpg; null if the bytes begin like none of them.
const char* other_format(Bytes bytes) {
  using namespace std::string_view_literals;
  if (has_text(bytes, 0, "\x89PNG\r\n\x1a\n"sv)) return "a PNG";
  if (has_text(bytes, 0, "GIF8"sv)) return "a GIF";
  if (has_text(bytes, 0, "RIFF"sv) && has_text(bytes, 8, "WEBP"sv)) return "a WebP";
  if (has_text(bytes, 0, "BM"sv)) return "a BMP";
  if (has_text(bytes, 0, "II*\0"sv) || has_text(bytes, 0, "MM\0*"sv)) return "a TIFF";
  if (has_text(bytes, 4, "ftyp"sv)) return "an AVIF or HEIF";
  return nullptr;
}

/// Whether the scan of the pixels begins within `bytes`, so that the header is whole.
bool has_frame_header(Bytes bytes) {
  constexpr std::uint8_t kMarker = 0xff, kStartOfScan = 0xda;
  std::size_t at = 2;
  while (at + 4 <= bytes.size() && bytes[at] == kMarker) {
    if (bytes[at + 1] == kStartOfScan) return true;
    at += 2 + (std::size_t{bytes[at + 2]} << 8) + bytes[at + 3];
  }
  return false;
}

void check_signature(Bytes bytes, const std::string& name) {
  require<DataError>(!bytes.empty(), "{}: the JPEG is empty (0 bytes); replace or delete it", name);
  if (has_text(bytes, 0, "\xff\xd8")) return;
  const char* format = other_format(bytes);
  require<DataError>(format == nullptr, "{}: is {}, not a JPEG; convert it or delete it", name, format);
  throw DataError(fmt::format(
      "{}: is not a JPEG: byte 0 is {:#04x}, expected 0xff 0xd8; replace or delete it", name, bytes[0]));
}

// Adobe's CMYK stores 255 - ink, so that a channel is C * K / 255, rounded.
void inverted_cmyk_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[3 * x + c] = static_cast<std::uint8_t>((cmyk[4 * x + c] * cmyk[4 * x + 3] + 127) / 255);
    }
  }
}

void limit_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMaxScans) {
    JpegErrorManager::leave_with(info, "too many scans");
  }
}

class Decoder {
 public:
  Decoder(Bytes bytes, const std::string& name) : bytes_(bytes), name_(name) {
    info_.err = errors_.base();
    progress_.progress_monitor = &limit_scans;
  }
  ~Decoder() { jpeg_destroy_decompress(&info_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// The extents of the image; its pixels are not yet there.
  Image read_header() {
    const bool done = errors_.run([this] {
      jpeg_create_decompress(&info_);
      info_.progress = &progress_;
      jpeg_mem_src(&info_, bytes_.data(), bytes_.size());
      jpeg_read_header(&info_, TRUE);
    });
    if (!done) fail();
    return {static_cast<int>(info_.image_height), static_cast<int>(info_.image_width), {}};
  }

  void read_pixels(std::uint8_t* rgb) {
    const bool is_cmyk = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    info_.out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
    const std::size_t width = info_.image_width;
    std::vector<std::uint8_t> cmyk(is_cmyk ? 4 * width : 0);
    const bool done = errors_.run([&] {
      jpeg_start_decompress(&info_);
      while (info_.output_scanline < info_.output_height) {
        std::uint8_t* rgb_row = rgb + 3 * width * info_.output_scanline;
        JSAMPROW row = is_cmyk ? cmyk.data() : rgb_row;
        jpeg_read_scanlines(&info_, &row, 1);
        if (is_cmyk) inverted_cmyk_to_rgb(row, rgb_row, width);
      }
      jpeg_finish_decompress(&info_);  // reads up to the end marker: that is missing if the file was cut
    });
    if (!done) fail();
  }

 private:
  [[noreturn]] void fail() const {
    if (errors_.out_of_memory()) throw std::bad_alloc();
    const std::size_t left = info_.src == nullptr ? 0 : info_.src->bytes_in_buffer;
    throw DataError(
        fmt::format("{}: the JPEG is corrupt, truncated or of an unsupported kind: {} (near byte {} of {}); "
                    "replace or delete it",
                    name_, errors_.message(), bytes_.size() - left, bytes_.size()));
  }

  Bytes bytes_;
  const std::string& name_;
  JpegErrorManager errors_;
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
};

void check_pixels(ImageExtents extents, const std::string& name, const JpegLimits& limits) {
  const std::int64_t pixels = std::int64_t{extents.height} * extents.width;
  require<DataError>(pixels <= limits.max_pixels,
                     "{}: the JPEG's header says {} x {} = {} pixels, the limit is {}; shrink or delete it",
                     name, extents.width, extents.height, pixels, limits.max_pixels);
}

}  // namespace

Image decode_jpeg(Bytes bytes, const std::string& name, const JpegLimits& limits) {
  check_signature(bytes, name);
  Decoder decoder(bytes, name);
  Image image = decoder.read_header();
  check_pixels({image.height, image.width}, name, limits);
  image.pixels.resize(static_cast<std::size_t>(image.height) * static_cast<std::size_t>(image.width) * 3);
  decoder.read_pixels(image.pixels.data());
  return image;
}

ImageExtents read_jpeg_extents(const std::filesystem::path& path, const JpegLimits& limits) {
  // As a rule the header is in the first piece; pictures and profiles in it may be larger than that.
  constexpr std::uint64_t kFirstPiece = 64 * 1024;
  const std::string name = path.string();
  std::vector<std::uint8_t> bytes = read_file(path, limits.max_file_bytes, kFirstPiece);
  if (bytes.size() == kFirstPiece && !has_frame_header(bytes)) bytes = read_file(path, limits.max_file_bytes);
  check_signature(bytes, name);
  const Image header = Decoder(bytes, name).read_header();
  check_pixels({header.height, header.width}, name, limits);
  return {header.height, header.width};
}

Image read_jpeg(const std::filesystem::path& path, const JpegLimits& limits) {
  return decode_jpeg(read_file(path, limits.max_file_bytes), path.string(), limits);
}

}  // namespace tern
