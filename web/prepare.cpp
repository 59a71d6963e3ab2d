#include "web/prepare.h"

#include <algorithm>
#include <vector>

#include "tern/models/engine/preprocessing.h"
#include "tern/models/engine/tern_engine_impl.h"

namespace {

std::vector<std::uint8_t> without_alpha(const std::uint8_t* rgba, std::size_t pixels) {
  std::vector<std::uint8_t> rgb(3 * pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) rgb[3 * i + c] = rgba[4 * i + c];
  }
  return rgb;
}

/// Has pictures of any size resized and cropped.
void take_any_size(tern::InputSection& input) {
  const tern::Shape image = input.image();
  input.resize = std::max(image[0], image[1]);
  input.crop = "center";
  input.padding = 0;
}

}  // namespace

tern_engine_status tern_web_prepare(const tern_engine* engine, const std::uint8_t* rgba, int height,
                                    int width, float* image) {
  return tern::engine::guarded([&] {
    const tern::engine::ActivationMap& input = engine->engine.input();
    std::optional<tern::ModelMetadata> about = engine->engine.metadata();
    const bool fits = height == input.height && width == input.width;
    if (about && about->input.resize == 0 && !fits) take_any_size(about->input);
    const tern::engine::Preprocessing preprocessing(about, input, engine->engine.name());
    const std::vector<std::uint8_t> rgb =
        without_alpha(rgba, static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    preprocessing.apply({rgb.data(), height, width, std::ptrdiff_t{3} * width}, image);
  });
}
