// What the page needs beside tern_engine.h.
#include <algorithm>
#include <exception>
#include <new>
#include <vector>

#include "tern/core/error.h"
#include "tern/data/resize.h"
#include "tern/models/engine/tern_engine.h"

namespace {

std::vector<std::uint8_t> without_alpha(const std::uint8_t* rgba, std::size_t pixels) {
  std::vector<std::uint8_t> rgb(3 * pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) rgb[3 * i + c] = rgba[4 * i + c];
  }
  return rgb;
}

}  // namespace

/// tern_engine_prepare() of a canvas (height, width, 4), whose alpha is left out. `shorter_side` is what the
/// shorter side is resized to before, as input.resize of a training does, 0: not at all.
extern "C" tern_engine_status tern_web_prepare(const tern_engine* engine, const std::uint8_t* rgba,
                                               int height, int width, int shorter_side, float* image) try {
  tern::Image picture{
      height, width, without_alpha(rgba, static_cast<std::size_t>(height) * static_cast<std::size_t>(width))};
  // Of a strip (Transform::check) resizing would make a huge picture; tern_engine_prepare() says what is
  // wrong with it.
  constexpr int kMaxLength = 500;
  const bool is_strip = std::max(height, width) / kMaxLength > std::min(height, width);
  if (shorter_side > 0 && !is_strip) {
    picture = tern::resize_shorter_side(tern::view_of(picture), shorter_side, tern::Interpolation::bicubic);
  }
  return tern_engine_prepare(engine, picture.pixels.data(), picture.height, picture.width, image);
} catch (const std::bad_alloc&) {
  return TERN_ENGINE_OUT_OF_MEMORY;
} catch (const std::exception&) {
  return TERN_ENGINE_BAD_ARGUMENT;
}
