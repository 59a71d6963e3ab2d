#include <spng.h>

#include <new>

#include "tern/data/exif.h"
#include "tern/data/image_decoder_impl.h"

namespace tern {
namespace {

class PngDecoder final : public ImageDecoder {
 public:
  PngDecoder(std::span<const std::uint8_t> bytes, const std::string& name)
      : name_(name), context_(spng_ctx_new(0), &spng_ctx_free) {
    if (context_ == nullptr) throw std::bad_alloc();
    check(spng_set_png_buffer(context_.get(), bytes.data(), bytes.size()));
    constexpr std::size_t kMaxChunkBytes = 64 << 20;  // of profiles and texts, which may be compressed
    check(spng_set_chunk_limits(context_.get(), kMaxChunkBytes, kMaxChunkBytes));
  }

  ImageExtents read_extents() override {
    spng_ihdr header{};
    check(spng_get_ihdr(context_.get(), &header));
    return {static_cast<int>(header.height), static_cast<int>(header.width)};
  }

  DecodedPixels read_pixels() override {
    const bool has_alpha = reads_alpha();
    const int format = has_alpha ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8;
    DecodedPixels pixels{has_alpha ? 4 : 3, {}};
    std::size_t size = 0;
    check(spng_decoded_image_size(context_.get(), format, &size));
    pixels.bytes.resize(size);
    check(spng_decode_image(context_.get(), pixels.bytes.data(), size, format,
                            has_alpha ? SPNG_DECODE_TRNS : 0));
    spng_decode_chunks(context_.get());  // an orientation may follow; damage there harms no pixel
    has_pixels_ = true;
    return pixels;
  }

  int orientation() override {
    spng_exif exif{};
    const int status = spng_get_exif(context_.get(), &exif);
    if (status == SPNG_ECHUNKAVAIL || (has_pixels_ && status != SPNG_OK)) return 1;
    check(status);
    return exif_orientation({reinterpret_cast<const std::uint8_t*>(exif.data), exif.length});
  }

 private:
  void check(int status) const {
    if (status == SPNG_EMEM) throw std::bad_alloc();
    if (status != SPNG_OK) fail_decoding(name_, "PNG", spng_strerror(status));
  }

  bool reads_alpha() const {
    spng_ihdr header{};
    spng_trns transparency{};
    check(spng_get_ihdr(context_.get(), &header));
    return header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
           header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA ||
           spng_get_trns(context_.get(), &transparency) == SPNG_OK;
  }

  const std::string& name_;
  std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context_;
  bool has_pixels_ = false;
};

}  // namespace

std::unique_ptr<ImageDecoder> make_png_decoder(std::span<const std::uint8_t> bytes, const std::string& name) {
  return std::make_unique<PngDecoder>(bytes, name);
}

}  // namespace tern
