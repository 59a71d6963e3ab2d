#include "tern/data/tern_images.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "tern/core/error.h"
#include "tern/data/image_file.h"

namespace {

std::string& last_error() {
  thread_local std::string message;
  return message;
}

tern_images_status fail(tern_images_status status, const char* message) noexcept {
  try {
    last_error() = message;
  } catch (...) {  // no memory for the message: the status has to do
  }
  return status;
}

tern::ImageOptions decoding(const tern_images_options* options) {
  tern::ImageOptions decoding;
  if (options == nullptr) return decoding;
  decoding.exif_orientation = options->exif_orientation != 0;
  std::copy_n(options->background, 3, decoding.background.begin());
  return decoding;
}

/// No exception leaves the library.
template <class Decode>
tern_images_status read(const void* source, tern_picture* picture, const Decode& decode) noexcept {
  if (picture == nullptr) return fail(TERN_IMAGES_BAD_ARGUMENT, "tern_images: picture is NULL");
  *picture = {};
  if (source == nullptr) return fail(TERN_IMAGES_BAD_ARGUMENT, "tern_images: path or file is NULL");
  try {
    const tern::Image image = decode();
    picture->pixels = static_cast<std::uint8_t*>(std::malloc(image.pixels.size()));
    if (picture->pixels == nullptr) throw std::bad_alloc();
    std::memcpy(picture->pixels, image.pixels.data(), image.pixels.size());
    picture->height = image.height;
    picture->width = image.width;
    return TERN_IMAGES_OK;
  } catch (const tern::DataError& error) {
    return fail(TERN_IMAGES_BAD_PICTURE, error.what());
  } catch (const std::bad_alloc&) {
    return fail(TERN_IMAGES_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return fail(TERN_IMAGES_FAILED, error.what());
  }
}

}  // namespace

const char* tern_images_error(void) {
  return last_error().c_str();
}

tern_images_status tern_images_read_file(const char* path, const tern_images_options* options,
                                         tern_picture* picture) {
  return read(path, picture, [&] { return tern::read_image(path, decoding(options)); });
}

tern_images_status tern_images_read_memory(const void* file, size_t size, const tern_images_options* options,
                                           tern_picture* picture) {
  return read(file, picture, [&] {
    return tern::decode_image({static_cast<const std::uint8_t*>(file), size}, "picture in memory",
                              decoding(options));
  });
}

void tern_images_free(tern_picture* picture) {
  if (picture == nullptr) return;
  std::free(picture->pixels);
  *picture = {};
}
