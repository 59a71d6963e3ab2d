#include "tern/data/transforms.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tern/core/error.h"
#include "tern/data/erasing.h"
#include "tern/data/luminance.h"
#include "tern/data/random_rectangle.h"
#include "tern/data/trivial_augment.h"

namespace tern {
namespace {

// Of the longer side, in shorter ones: longer pictures are strips, which no crop shows anything of.
constexpr std::int64_t kMaxLength = 500;

constexpr int kMaxShrink = 8;  // of libjpeg

void check_config(const TransformConfig& config) {
  const auto [height, width] = config.size;
  const int shorter = std::min(height, width);
  require<ConfigError>(shorter >= 1, "transform: size is {}x{}; both must be at least 1", height, width);
  require<ConfigError>(config.channels == 1 || config.channels == 3,
                       "transform: channels is {}; it must be 1 or 3", config.channels);
  require<ConfigError>(config.resize == 0 || config.resize >= shorter,
                       "transform: resize is {}, less than the shorter side of {}x{}; 0 leaves images as "
                       "they are",
                       config.resize, height, width);
  require<ConfigError>(config.padding >= 0, "transform: padding is {}, less than 0", config.padding);
  require<ConfigError>(config.padding == 0 || config.crop == Crop::random,
                       "transform: padding is {}, but only the random crop pads", config.padding);
  require<ConfigError>(config.crop != Crop::random_resized || config.resize > 0,
                       "transform: random_resized needs resize > 0, the shorter side in evaluation");
  for (int c = 0; c < config.channels; ++c) {
    require<ConfigError>(
        config.std[c] > 0.0F && std::isfinite(config.std[c]) && std::isfinite(config.mean[c]),
        "transform: mean[{}] is {} and std[{}] is {}; they must be finite, std above 0", c, config.mean[c], c,
        config.std[c]);
  }
  const auto [low_scale, high_scale] = config.scale;
  require<ConfigError>(low_scale > 0.0F && low_scale <= high_scale && high_scale <= 1.0F,
                       "transform: scale is {} to {}; it must rise within (0, 1]", low_scale, high_scale);
  const auto [low_ratio, high_ratio] = config.ratio;
  require<ConfigError>(low_ratio > 0.0F && low_ratio <= high_ratio && std::isfinite(high_ratio),
                       "transform: ratio is {} to {}; it must be positive and rise", low_ratio, high_ratio);
  check_color_jitter(config.color_jitter);
  require<ConfigError>(config.cutout >= 0 && config.cutout <= shorter,
                       "transform: cutout is {}; it must be between 0 and {}, the shorter side",
                       config.cutout, shorter);
  require<ConfigError>(config.erasing >= 0.0F && config.erasing <= 1.0F,
                       "transform: erasing is {}; a probability is between 0 and 1", config.erasing);
}

bool mirrors(Flip flip, const AugmentationKey& key, Random& random) {
  if (flip == Flip::none) return false;
  if (flip == Flip::random) return random.below(2) == 1;
  return Random(key.seed, RandomPurpose::flip, 0, key.index).below(2) != key.epoch % 2;
}

/// Half rounds to even, as Python's round() does; a negative offset means zeros around the image.
Window center_window(ImageExtents image, ImageExtents size) {
  const auto offset = [](int extent, int wanted) {
    return extent >= wanted ? static_cast<int>(std::nearbyint((extent - wanted) / 2.0))
                            : -((wanted - extent) / 2);
  };
  return {offset(image.height, size.height), offset(image.width, size.width), size};
}

Window random_window(ImageExtents image, const TransformConfig& config, Random& random) {
  const int padding = config.padding;
  const int spare_rows = image.height + 2 * padding - config.size.height;
  const int spare_columns = image.width + 2 * padding - config.size.width;
  const int top = static_cast<int>(random.below(static_cast<std::uint32_t>(spare_rows) + 1));
  const int left = static_cast<int>(random.below(static_cast<std::uint32_t>(spare_columns) + 1));
  return {top - padding, left - padding, config.size, false, config.padding_mode};
}

/// The whole image, or its middle where the aspect ratio is out of the range.
Rectangle fallback_rectangle(ImageExtents image, const std::array<float, 2>& ratio) {
  const double aspect = static_cast<double>(image.width) / image.height;
  Rectangle whole{0, 0, image.height, image.width};
  if (aspect < ratio[0]) whole.height = static_cast<int>(std::nearbyint(image.width / double{ratio[0]}));
  if (aspect > ratio[1]) whole.width = static_cast<int>(std::nearbyint(image.height * double{ratio[1]}));
  whole.top = (image.height - whole.height) / 2;
  whole.left = (image.width - whole.width) / 2;
  return whole;
}

/// What of the target is looked at: the window or, where that reaches beyond the target, all.
Rectangle visible(ImageExtents target, const Window& window) {
  const auto [height, width] = window.size;
  const bool is_inside = window.top >= 0 && window.left >= 0 && window.top + height <= target.height &&
                         window.left + width <= target.width;
  if (!is_inside) return {0, 0, target.height, target.width};
  return {window.top, window.left, height, width};
}

/// The pixels of an image at 1 / shrink of its size that `r` touches.
Rectangle shrunk(const Rectangle& r, int shrink) {
  const int top = r.top / shrink, left = r.left / shrink;
  const ImageExtents end = shrunk(ImageExtents{r.top + r.height, r.left + r.width}, shrink);
  return {top, left, end.height - top, end.width - left};
}

Image cut_out(const ImageView& view, const Window& window) {
  const auto [height, width] = window.size;
  Image image{height, width, {}};
  image.pixels.reserve(3 * static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  for_each_pixel(view, window,
                 [&](const std::uint8_t* rgb) { image.pixels.insert(image.pixels.end(), rgb, rgb + 3); });
  return image;
}

}  // namespace

Transform::Transform(const TransformConfig& config, bool training) : config_(config), training_(training) {
  check_config(config);
  for (std::size_t c = 0; c < 3; ++c) {
    for (int value = 0; value < 256; ++value) {
      normalised_[c][value] = (static_cast<float>(value) / 255.0F - config.mean[c]) / config.std[c];
    }
  }
}

template <>
float Transform::value_of(std::size_t channel, std::uint8_t byte) const {
  return normalised_[channel][byte];
}

template <>
std::uint8_t Transform::value_of(std::size_t, std::uint8_t byte) const {
  return byte;
}

void Transform::apply(const ImageView& image, const AugmentationKey& key, float* out) const {
  erase_parts(write(all_of(image), {image.height, image.width}, 1, key, out), out);
}

void Transform::apply(const ImagePart& part, const AugmentationKey& key, float* out) const {
  erase_parts(write(view_of(part), part.whole, part.shrink, key, out), out);
}

ErasedParts Transform::apply_to_bytes(const ImagePart& part, const AugmentationKey& key,
                                      std::uint8_t* out) const {
  return write(view_of(part), part.whole, part.shrink, key, out);
}

void Transform::erase_parts(const ErasedParts& parts, float* out) const {
  for (const Rectangle& part : parts) erase({out, config_.size, config_.channels}, part);
}

template <class Value>
ErasedParts Transform::write(const PartialView& image, ImageExtents full, int shrink,
                             const AugmentationKey& key, Value* out) const {
  Random random(key.seed, RandomPurpose::augment, key.epoch, key.index);
  const bool mirror = draw_mirror(key, random);
  write_cut(image, shrink, draw_cut(full, mirror, random), random, out);
  ErasedParts erased;
  if (!training_) return erased;
  if (config_.cutout > 0) erased[0] = draw_cutout(config_.size, config_.cutout, random);
  if (config_.erasing > 0) erased[1] = draw_erasing(config_.size, config_.erasing, random);
  return erased;
}

ImageRegion Transform::region(ImageExtents extents, const AugmentationKey& key) const {
  Random random(key.seed, RandomPurpose::augment, key.epoch, key.index);
  const bool mirror = draw_mirror(key, random);
  const Cut cut = draw_cut(extents, mirror, random);
  ImageRegion region{{}, shrink(cut)};
  const Rectangle source = shrunk(cut.source, region.shrink);
  region.rectangle = resize_source({source.height, source.width}, cut.target, visible(cut.target, cut.window),
                                   config_.interpolation);
  region.rectangle.top += source.top;
  region.rectangle.left += source.left;
  return region;
}

bool Transform::draw_mirror(const AugmentationKey& key, Random& random) const {
  return config_.flip == Flip::always || (training_ && mirrors(config_.flip, key, random));
}

Transform::Cut Transform::draw_cut(ImageExtents image, bool mirror, Random& random) const {
  check(image);
  if (training_ && config_.crop == Crop::random_resized) {
    const Rectangle r = random_rectangle(image.height, image.width, config_.scale, config_.ratio, random)
                            .value_or(fallback_rectangle(image, config_.ratio));
    return {r, config_.size, {0, 0, config_.size, mirror}};
  }
  const bool resizes = config_.resize > 0 && config_.resize != std::min(image.height, image.width);
  const ImageExtents target = resizes ? with_shorter_side(image, config_.resize) : image;
  Cut cut{{0, 0, image.height, image.width}, target, window(target, random)};
  cut.window.mirror = mirror;
  return cut;
}

int Transform::shrink(const Cut& cut) const {
  int shrink = 1;
  if (!config_.dct_scaling) return shrink;
  while (shrink < kMaxShrink && cut.source.height >= 2 * shrink * cut.target.height &&
         cut.source.width >= 2 * shrink * cut.target.width) {
    shrink *= 2;
  }
  return shrink;
}

template <class Value>
void Transform::write_cut(const PartialView& image, int shrink, const Cut& cut, Random& random,
                          Value* out) const {
  const Rectangle source = shrunk(cut.source, shrink), wanted = visible(cut.target, cut.window);
  Window window = cut.window;
  window.top -= wanted.top;
  window.left -= wanted.left;
  if (source.height == cut.target.height && source.width == cut.target.width) {
    const Rectangle pixels{source.top + wanted.top, source.left + wanted.left, wanted.height, wanted.width};
    return write_window(crop_of(image, pixels), window, random, out);
  }
  PartialView cropped = image;
  cropped.top -= source.top;
  cropped.left -= source.left;
  cropped.whole = {source.height, source.width};
  const Image resized = resize(cropped, cut.target, wanted, config_.interpolation);
  write_window(view_of(resized), window, random, out);
}

void Transform::check(ImageExtents image) const {
  if (training_ && config_.crop == Crop::random_resized) return;
  const std::int64_t shorter = std::min(image.height, image.width);
  const auto resized = [&](std::int64_t side) {
    return config_.resize > 0 ? config_.resize * side / std::max<std::int64_t>(shorter, 1) : side;
  };
  require<DataError>(
      config_.resize == 0 || resized(std::max(image.height, image.width)) <= kMaxLength * config_.resize,
      "the image has {}x{} pixels (height x width): one side is more than {} times the other, "
      "too much to resize the shorter one to {}",
      image.height, image.width, kMaxLength, config_.resize);
  const std::int64_t height = resized(image.height), width = resized(image.width);
  const auto [crop_height, crop_width] = config_.size;
  const bool crops_randomly = training_ && config_.crop == Crop::random;
  const int padding = 2 * config_.padding;
  const bool has_size = config_.crop != Crop::none || (height == crop_height && width == crop_width);
  const bool is_large = !crops_randomly || (height + padding >= crop_height && width + padding >= crop_width);
  if (has_size && is_large) return;
  const std::string found =
      fmt::format("the image has {}x{} pixels (height x width){}", image.height, image.width,
                  config_.resize > 0 ? fmt::format(", resized {}x{}", height, width) : "");
  require<DataError>(has_size, "{}, not {}x{}; set a crop", found, crop_height, crop_width);
  require<DataError>(is_large,
                     "{}, less than the crop of {}x{} with padding {}; set resize >= {} or a larger padding",
                     found, crop_height, crop_width, config_.padding, std::max(crop_height, crop_width));
}

Window Transform::window(ImageExtents image, Random& random) const {
  if (config_.crop == Crop::none) return {0, 0, config_.size};
  const bool is_random = training_ && config_.crop == Crop::random;
  return is_random ? random_window(image, config_, random) : center_window(image, config_.size);
}

template <class Value>
void Transform::write_window(const ImageView& view, const Window& window, Random& random, Value* out) const {
  if (!training_ || !(config_.color_jitter.changes() || config_.trivial_augment)) {
    return write_pixels(view, window, out);
  }
  Image changed = cut_out(view, window);
  color_jitter(config_.color_jitter, changed, random);
  if (config_.trivial_augment) trivial_augment(changed, random);
  write_pixels(view_of(changed), {0, 0, config_.size}, out);
}

template <class Value>
void Transform::write_pixels(const ImageView& view, const Window& window, Value* out) const {
  if (config_.channels == 1) {
    return for_each_pixel(view, window,
                          [&](const std::uint8_t* rgb) { *out++ = value_of<Value>(0, luminance(rgb)); });
  }
  for_each_pixel(view, window, [&](const std::uint8_t* rgb) {
    for (std::size_t c = 0; c < 3; ++c) *out++ = value_of<Value>(c, rgb[c]);
  });
}

}  // namespace tern
