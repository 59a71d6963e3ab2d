#include "tern/models/engine/transform_config.h"

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {
namespace {

Crop parse_crop(const std::string& name) {
  if (name == "none") return Crop::none;
  if (name == "center") return Crop::center;
  if (name == "random") return Crop::random;
  if (name == "random_resized") return Crop::random_resized;
  throw ConfigError("input.crop: \"" + name + "\" is not a crop");
}

}  // namespace

ImageOptions image_options(const InputSection& input, std::int64_t max_megapixels) {
  ImageOptions options;
  options.max_pixels = max_megapixels * kPixelsPerMegapixel;
  options.exif_orientation = input.exif_orientation;
  for (std::size_t c = 0; c < 3; ++c) options.background[c] = static_cast<std::uint8_t>(input.background[c]);
  return options;
}

TransformConfig transform_config(const InputSection& input) {
  TransformConfig config;
  const Shape image = input.image();
  config.size = {static_cast<int>(image[0]), static_cast<int>(image[1])};
  config.channels = static_cast<int>(image[2]);
  config.resize = static_cast<int>(input.resize);
  config.interpolation = input.interpolation == "bilinear" ? Interpolation::bilinear : Interpolation::bicubic;
  config.crop = parse_crop(input.crop);
  config.padding = static_cast<int>(input.padding);
  config.flip = input.flip ? Flip::random : Flip::none;
  for (std::size_t c = 0; c < input.mean.size(); ++c) {
    config.mean[c] = static_cast<float>(input.mean[c]);
    config.std[c] = static_cast<float>(input.std[c]);
  }
  return config;
}

Transform evaluation_transform(const InputSection& input, const Shape& image, const std::string& path,
                               Flip flip) {
  const Shape made = input.image();
  require<DataError>(image == made,
                     "{}: metadata \"input\" says how images (height, width, channels) {} are made, but the "
                     "network takes {}",
                     path, made, image);
  TransformConfig config = transform_config(input);
  config.flip = flip;
  return {config, false};
}

}  // namespace tern
