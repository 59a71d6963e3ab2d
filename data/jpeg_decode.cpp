#include <new>

#include "tern/data/exif.h"
#include "tern/data/image_decoder_impl.h"
#include "tern/data/jpeg_error_impl.h"

namespace tern {
namespace {

using Bytes = std::span<const std::uint8_t>;

// A progressive file has about ten scans. Each may be a few bytes long and yet makes the decoder walk over
// the whole picture, so without a bound a small file could keep it busy for hours.
constexpr int kMaxScans = 200;

constexpr int kExifMarker = JPEG_APP0 + 1;  // other things are in such segments, too

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

class JpegDecoder final : public ImageDecoder {
 public:
  JpegDecoder(Bytes bytes, const std::string& name) : bytes_(bytes), name_(name) {
    info_.err = errors_.base();
    progress_.progress_monitor = &limit_scans;
  }
  ~JpegDecoder() override { jpeg_destroy_decompress(&info_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  ImageExtents read_extents() override {
    const bool done = errors_.run([this] {
      jpeg_create_decompress(&info_);
      info_.progress = &progress_;
      jpeg_mem_src(&info_, bytes_.data(), bytes_.size());
      jpeg_save_markers(&info_, kExifMarker, 0xffff);
      jpeg_read_header(&info_, TRUE);
    });
    if (!done) fail();
    // Of segments of other kinds it is 1.
    for (const auto* marker = info_.marker_list; marker != nullptr && orientation_ == 1;
         marker = marker->next) {
      orientation_ = exif_orientation({marker->data, marker->data_length});
    }
    return {static_cast<int>(info_.image_height), static_cast<int>(info_.image_width)};
  }

  DecodedPixels read_pixels() override {
    DecodedPixels pixels;
    pixels.bytes.resize(std::size_t{3} * info_.image_height * info_.image_width);
    read_into(pixels.bytes.data());
    return pixels;
  }

  int orientation() override { return orientation_; }

 private:
  void read_into(std::uint8_t* rgb) {
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

  [[noreturn]] void fail() const {
    if (errors_.out_of_memory()) throw std::bad_alloc();
    const std::size_t left = info_.src == nullptr ? 0 : info_.src->bytes_in_buffer;
    fail_decoding(
        name_, "JPEG",
        fmt::format("{} (near byte {} of {})", errors_.message(), bytes_.size() - left, bytes_.size()));
  }

  Bytes bytes_;
  const std::string& name_;
  JpegErrorManager errors_;
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
  int orientation_ = 1;
};

}  // namespace

std::unique_ptr<ImageDecoder> make_jpeg_decoder(Bytes bytes, const std::string& name) {
  return std::make_unique<JpegDecoder>(bytes, name);
}

}  // namespace tern
