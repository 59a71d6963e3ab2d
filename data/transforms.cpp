#include "tern/data/transforms.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tern/core/error.h"

namespace tern {
namespace {

struct Window {
  int top = 0;
  int left = 0;
};

struct Rectangle {
  int top = 0;
  int left = 0;
  int height = 0;
  int width = 0;
};

void check(const TransformConfig& config) {
  require<ConfigError>(config.size >= 1, "transform: size is {}; it must be at least 1", config.size);
  require<ConfigError>(config.channels == 1 || config.channels == 3,
                       "transform: channels is {}; it must be 1 or 3", config.channels);
  require<ConfigError>(config.resize == 0 || config.resize >= config.size,
                       "transform: resize is {}, less than size {}; 0 leaves images as they are",
                       config.resize, config.size);
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
}

/// Half rounds to even, as Python's round() does; a negative offset means zeros around the image.
Window center_window(const ImageView& view, int size) {
  const auto offset = [size](int extent) {
    return extent >= size ? static_cast<int>(std::nearbyint((extent - size) / 2.0)) : -((size - extent) / 2);
  };
  return {offset(view.height), offset(view.width)};
}

Window random_window(const ImageView& view, int size, int padding, Random& random) {
  const int spare_rows = view.height + 2 * padding - size, spare_columns = view.width + 2 * padding - size;
  require<DataError>(spare_rows >= 0 && spare_columns >= 0,
                     "the image has {}x{} pixels (height x width), less than the crop of {}x{} with padding "
                     "{}; set resize >= {} or a larger padding",
                     view.height, view.width, size, size, padding, size);
  const int top = static_cast<int>(random.below(static_cast<std::uint32_t>(spare_rows) + 1));
  const int left = static_cast<int>(random.below(static_cast<std::uint32_t>(spare_columns) + 1));
  return {top - padding, left - padding};
}

/// The whole image, or its middle where the aspect ratio is out of the range.
Rectangle fallback_rectangle(const ImageView& view, const std::array<float, 2>& ratio) {
  const double aspect = static_cast<double>(view.width) / view.height;
  Rectangle whole{0, 0, view.height, view.width};
  if (aspect < ratio[0]) whole.height = static_cast<int>(std::nearbyint(view.width / double{ratio[0]}));
  if (aspect > ratio[1]) whole.width = static_cast<int>(std::nearbyint(view.height * double{ratio[1]}));
  whole.top = (view.height - whole.height) / 2;
  whole.left = (view.width - whole.width) / 2;
  return whole;
}

/// Szegedy et al., "Going deeper with convolutions", 2015, section 6, as torchvision's RandomResizedCrop.
Rectangle random_rectangle(const ImageView& view, const TransformConfig& config, Random& random) {
  constexpr int kAttempts = 10;
  const double area = static_cast<double>(view.height) * view.width;
  const float log_low = std::log(config.ratio[0]), log_high = std::log(config.ratio[1]);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double target = area * random.uniform(config.scale[0], config.scale[1]);
    const double aspect = std::exp(double{random.uniform(log_low, log_high)});
    const int width = static_cast<int>(std::nearbyint(std::sqrt(target * aspect)));
    const int height = static_cast<int>(std::nearbyint(std::sqrt(target / aspect)));
    if (width < 1 || width > view.width || height < 1 || height > view.height) continue;
    const int top = static_cast<int>(random.below(static_cast<std::uint32_t>(view.height - height) + 1));
    const int left = static_cast<int>(random.below(static_cast<std::uint32_t>(view.width - width) + 1));
    return {top, left, height, width};
  }
  return fallback_rectangle(view, config.ratio);
}

}  // namespace

Transform::Transform(const TransformConfig& config, bool training) : config_(config), training_(training) {
  check(config);
  for (std::size_t c = 0; c < 3; ++c) {
    for (int value = 0; value < 256; ++value) {
      normalised_[c][value] = (static_cast<float>(value) / 255.0F - config.mean[c]) / config.std[c];
    }
  }
}

void Transform::apply(const Image& image, Random& random, float* out) const {
  const bool mirror = training_ && config_.flip && random.below(2) == 1;
  ImageView view = view_of(image);
  Image resized;
  if (training_ && config_.crop == Crop::random_resized) {
    const Rectangle r = random_rectangle(view, config_, random);
    resized = resize(crop_of(view, r.top, r.left, r.height, r.width), config_.size, config_.size,
                     config_.interpolation);
    return write_window(view_of(resized), 0, 0, mirror, out);
  }
  if (config_.resize > 0 && config_.resize != std::min(view.height, view.width)) {
    resized = resize_shorter_side(view, config_.resize, config_.interpolation);
    view = view_of(resized);
  }
  Window window;
  if (config_.crop == Crop::none) {
    require<DataError>(view.height == config_.size && view.width == config_.size,
                       "the image has {}x{} pixels (height x width), not {}x{}; set a crop", view.height,
                       view.width, config_.size, config_.size);
  } else if (training_ && config_.crop == Crop::random) {
    window = random_window(view, config_.size, config_.padding, random);
  } else {
    window = center_window(view, config_.size);
  }
  write_window(view, window.top, window.left, mirror, out);
}

void Transform::write_window(const ImageView& view, int top, int left, bool mirror, float* out) const {
  if (config_.channels == 1) {
    return write_pixels(view, top, left, mirror, out,
                        [this](const std::uint8_t* rgb, float* to) { *to = normalised_[0][luminance(rgb)]; });
  }
  write_pixels(view, top, left, mirror, out, [this](const std::uint8_t* rgb, float* to) {
    for (std::size_t c = 0; c < 3; ++c) to[c] = normalised_[c][rgb[c]];
  });
}

template <class WritePixel>
void Transform::write_pixels(const ImageView& view, int top, int left, bool mirror, float* out,
                             const WritePixel& write_pixel) const {
  static constexpr std::uint8_t kBlack[3] = {0, 0, 0};
  const int size = config_.size, channels = config_.channels;
  const int step = mirror ? -channels : channels;
  for (int y = 0; y < size; ++y) {
    float* to = out + (static_cast<std::ptrdiff_t>(y) * size + (mirror ? size - 1 : 0)) * channels;
    const int row = top + y;
    const bool row_inside = row >= 0 && row < view.height;
    const std::uint8_t* from = row_inside ? view.pixels + row * view.row_bytes : nullptr;
    for (int x = 0; x < size; ++x, to += step) {
      const int column = left + x;
      const bool inside = row_inside && column >= 0 && column < view.width;
      write_pixel(inside ? from + 3 * static_cast<std::ptrdiff_t>(column) : kBlack, to);
    }
  }
}

}  // namespace tern
