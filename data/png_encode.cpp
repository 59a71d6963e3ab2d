#include <spng.h>

#include <cstdlib>
#include <memory>
#include <new>

#include "tern/core/error.h"
#include "tern/data/png.h"

namespace tern {
namespace {

void check_encoding(int status) {
  if (status == SPNG_EMEM) throw std::bad_alloc();
  require<Error>(status == SPNG_OK, "encode_png: {}", spng_strerror(status));
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Image& image) {
  const std::size_t expected = std::size_t{3} * image.height * image.width;
  require<ShapeError>(image.height > 0 && image.width > 0 && image.pixels.size() == expected,
                      "encode_png: the image of {} x {} pixels has {} bytes, not {}", image.height,
                      image.width, image.pixels.size(), expected);
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(SPNG_CTX_ENCODER),
                                                               &spng_ctx_free);
  if (context == nullptr) throw std::bad_alloc();
  check_encoding(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1));
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(image.width);
  header.height = static_cast<std::uint32_t>(image.height);
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  check_encoding(spng_set_ihdr(context.get(), &header));
  check_encoding(spng_encode_image(context.get(), image.pixels.data(), image.pixels.size(), SPNG_FMT_PNG,
                                   SPNG_ENCODE_FINALIZE));
  std::size_t size = 0;
  int status = SPNG_OK;
  const std::unique_ptr<void, void (*)(void*)> png(spng_get_png_buffer(context.get(), &size, &status),
                                                   &std::free);
  check_encoding(status);
  const auto* bytes = static_cast<const std::uint8_t*>(png.get());
  return {bytes, bytes + size};
}

}  // namespace tern
