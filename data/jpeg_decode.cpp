#include <algorithm>
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

// Fancy upsampling makes a pixel of its neighbours' colours, too, which it does not have at the border of
// what is decoded.
constexpr int kMargin = 16;

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
    const ImageExtents extents = stored();
    return {3, read_part({{0, 0, extents.height, extents.width}, 1}).image.pixels};
  }

  bool reads_parts() const override { return true; }

  ImagePart read_part(const ImageRegion& region) override {
    ImagePart part;
    part.whole = stored();
    part.shrink = region.shrink;
    start(region, part);
    read_rows(part.image);
    finish();
    return part;
  }

  int orientation() override { return orientation_; }

 private:
  ImageExtents stored() const {
    return {static_cast<int>(info_.image_height), static_cast<int>(info_.image_width)};
  }

  bool is_cmyk() const { return info_.out_color_space == JCS_CMYK; }

  /// Up to the first row of the region; sets the place and the extents of the part.
  void start(const ImageRegion& region, ImagePart& part) {
    const Rectangle& r = region.rectangle;
    const bool has_ink = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    info_.out_color_space = has_ink ? JCS_CMYK : JCS_RGB;
    info_.scale_num = 1;
    info_.scale_denom = static_cast<unsigned>(region.shrink);
    JDIMENSION left = 0;
    const bool done = errors_.run([&] {
      jpeg_start_decompress(&info_);
      left = static_cast<JDIMENSION>(std::max(0, r.left - kMargin));
      JDIMENSION width =
          std::min(static_cast<JDIMENSION>(r.left + r.width + kMargin), info_.output_width) - left;
      if (width < info_.output_width) jpeg_crop_scanline(&info_, &left, &width);
      const int skipped = std::max(0, r.top - kMargin);
      if (skipped > 0) jpeg_skip_scanlines(&info_, static_cast<JDIMENSION>(skipped));
    });
    if (!done) fail();
    part.top = static_cast<int>(info_.output_scanline);
    part.left = static_cast<int>(left);
    part.image.height = r.top + r.height - part.top;
    part.image.width = static_cast<int>(info_.output_width);
  }

  void read_rows(Image& image) {
    const std::size_t width = static_cast<std::size_t>(image.width);
    image.pixels.resize(std::size_t{3} * static_cast<std::size_t>(image.height) * width);
    std::vector<std::uint8_t> cmyk(is_cmyk() ? 4 * width : 0);
    const bool done = errors_.run([&] {
      std::uint8_t* rgb = image.pixels.data();
      for (int y = 0; y < image.height; ++y, rgb += 3 * width) {
        JSAMPROW row = is_cmyk() ? cmyk.data() : rgb;
        jpeg_read_scanlines(&info_, &row, 1);
        if (is_cmyk()) inverted_cmyk_to_rgb(row, rgb, width);
      }
    });
    if (!done) fail();
  }

  /// The end marker is missing if the file was cut. Up to there, rows that nobody wants are decoded only
  /// where it cannot be found without.
  void finish() {
    if (info_.output_scanline < info_.output_height && (jpeg_has_multiple_scans(&info_) || ends_next()))
      return;
    std::vector<std::uint8_t> ignored(std::size_t{4} * info_.output_width);
    const bool done = errors_.run([&] {
      JSAMPROW row = ignored.data();
      while (info_.output_scanline < info_.output_height) jpeg_read_scanlines(&info_, &row, 1);
      jpeg_finish_decompress(&info_);
    });
    if (!done) fail();
  }

  /// Whether the next marker in the file, but for those within a scan, is the end of the image.
  bool ends_next() const {
    constexpr std::uint8_t kMarker = 0xff, kEndOfImage = 0xd9, kFirstRestart = 0xd0, kLastRestart = 0xd7;
    const auto is_restart = [](int marker) { return marker >= kFirstRestart && marker <= kLastRestart; };
    // What libjpeg has met already.
    if (info_.unread_marker != 0 && !is_restart(info_.unread_marker)) {
      return info_.unread_marker == kEndOfImage;
    }
    const Bytes rest(info_.src->next_input_byte, info_.src->bytes_in_buffer);
    for (auto at = rest.begin(); at != rest.end();) {
      at = std::find(at, rest.end(), kMarker);
      while (at != rest.end() && *at == kMarker) ++at;  // any number of them begins a marker
      if (at == rest.end()) return false;
      if (*at != 0 && !is_restart(*at)) return *at == kEndOfImage;
    }
    return false;
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
