#include <webp/decode.h>
#include <webp/demux.h>

#include <new>

#include "tern/data/exif.h"
#include "tern/data/image_decoder_impl.h"

namespace tern {
namespace {

const char* reason(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_BITSTREAM_ERROR:
      return "damaged data";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "an unsupported feature";
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "the data end too early";
    default:
      return "it cannot be decoded";
  }
}

class WebpDecoder final : public ImageDecoder {
 public:
  WebpDecoder(std::span<const std::uint8_t> bytes, const std::string& name) : bytes_(bytes), name_(name) {
    if (WebPInitDecoderConfig(&config_) == 0) throw Error("libwebp has another version than its header");
  }

  ImageExtents read_extents() override {
    check(WebPGetFeatures(bytes_.data(), bytes_.size(), &config_.input));
    require<DataError>(config_.input.has_animation == 0,
                       "{}: is an animated WebP; save one of its frames, or delete it", name_);
    return {config_.input.height, config_.input.width};
  }

  DecodedPixels read_pixels() override {
    const int channels = config_.input.has_alpha != 0 ? 4 : 3;
    const auto stride = static_cast<std::size_t>(channels) * static_cast<std::size_t>(config_.input.width);
    DecodedPixels pixels{channels, {}};
    pixels.bytes.resize(stride * static_cast<std::size_t>(config_.input.height));
    config_.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
    config_.output.is_external_memory = 1;
    config_.output.u.RGBA = {pixels.bytes.data(), static_cast<int>(stride), pixels.bytes.size()};
    check(WebPDecode(bytes_.data(), bytes_.size(), &config_));
    return pixels;
  }

  /// As a rule the last chunk of the file has it.
  int orientation() override {
    const WebPData data{bytes_.data(), bytes_.size()};
    WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
    const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(WebPDemuxPartial(&data, &state),
                                                                       &WebPDemuxDelete);
    if (demuxer == nullptr || (WebPDemuxGetI(demuxer.get(), WEBP_FF_FORMAT_FLAGS) & EXIF_FLAG) == 0) return 1;
    WebPChunkIterator chunk{};
    const bool has_chunk = WebPDemuxGetChunk(demuxer.get(), "EXIF", 1, &chunk) != 0;
    if (!has_chunk && state != WEBP_DEMUX_DONE) check(VP8_STATUS_NOT_ENOUGH_DATA);
    const int orientation = has_chunk ? exif_orientation({chunk.chunk.bytes, chunk.chunk.size}) : 1;
    WebPDemuxReleaseChunkIterator(&chunk);
    return orientation;
  }

 private:
  void check(VP8StatusCode status) const {
    if (status == VP8_STATUS_OUT_OF_MEMORY) throw std::bad_alloc();
    if (status != VP8_STATUS_OK) fail_decoding(name_, "WebP", reason(status));
  }

  std::span<const std::uint8_t> bytes_;
  const std::string& name_;
  WebPDecoderConfig config_{};
};

}  // namespace

std::unique_ptr<ImageDecoder> make_webp_decoder(std::span<const std::uint8_t> bytes,
                                                const std::string& name) {
  return std::make_unique<WebpDecoder>(bytes, name);
}

}  // namespace tern
