#include "tern/data/pixel_operations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "tern/data/luminance.h"

namespace tern {
namespace {

using Table = std::array<std::uint8_t, 256>;

/// As PIL.Image.blend: from `plain` at factor 0 to `value` at 1 and beyond, cut off and not rounded.
std::uint8_t blend(int plain, int value, float factor) {
  const float mixed = static_cast<float>(plain) + factor * static_cast<float>(value - plain);
  return static_cast<std::uint8_t>(std::clamp(mixed, 0.0F, 255.0F));
}

template <class Change>
void for_each_rgb(Image& image, const Change& change) {
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) change(image.pixels.data() + i);
}

void look_up(Image& image, const Table& table) {
  for (std::uint8_t& value : image.pixels) value = table[value];
}

/// table_of(histogram) is applied to each channel.
template <class TableOf>
void look_up_each_channel(Image& image, const TableOf& table_of) {
  std::array<std::array<int, 256>, 3> histograms{};
  for_each_rgb(image, [&](const std::uint8_t* rgb) {
    for (std::size_t c = 0; c < 3; ++c) ++histograms[c][rgb[c]];
  });
  std::array<Table, 3> tables;
  for (std::size_t c = 0; c < 3; ++c) tables[c] = table_of(histograms[c]);
  for_each_rgb(image, [&](std::uint8_t* rgb) {
    for (std::size_t c = 0; c < 3; ++c) rgb[c] = tables[c][rgb[c]];
  });
}

Table identity() {
  Table table;
  for (std::size_t value = 0; value < 256; ++value) table[value] = static_cast<std::uint8_t>(value);
  return table;
}

Table stretched(const std::array<int, 256>& histogram) {
  int low = 0, high = 255;
  while (low < 255 && histogram[static_cast<std::size_t>(low)] == 0) ++low;
  while (high > low && histogram[static_cast<std::size_t>(high)] == 0) --high;
  if (high == low) return identity();
  Table table;
  const double scale = 255.0 / (high - low);
  for (int value = 0; value < 256; ++value) {
    const double stretched = value * scale - low * scale;
    table[static_cast<std::size_t>(value)] = static_cast<std::uint8_t>(std::clamp(stretched, 0.0, 255.0));
  }
  return table;
}

Table equalized(const std::array<int, 256>& histogram) {
  int total = 0, last = 0;  // last: how often the largest value occurs
  for (const int count : histogram) {
    total += count;
    if (count > 0) last = count;
  }
  const int step = (total - last) / 255;
  if (step == 0) return identity();
  Table table;
  int before = step / 2;
  for (std::size_t value = 0; value < 256; ++value) {
    table[value] = static_cast<std::uint8_t>(std::min(before / step, 255));
    before += histogram[value];
  }
  return table;
}

/// Where v is a channel of a colour of hue h in turns, saturation s and value `value`: value * (1 - s * k).
float hsv_channel(float hue, float saturation, float value, float offset) {
  const float sixth = std::fmod(offset + hue * 6, 6.0F);
  return value * (1 - saturation * std::clamp(std::min(sixth, 4 - sixth), 0.0F, 1.0F));
}

}  // namespace

void adjust_brightness(Image& image, float factor) {
  for (std::uint8_t& value : image.pixels) value = blend(0, value, factor);
}

void adjust_contrast(Image& image, float factor) {
  double sum = 0;
  for_each_rgb(image, [&](const std::uint8_t* rgb) { sum += luminance(rgb); });
  const int mean = static_cast<int>(3 * sum / static_cast<double>(image.pixels.size()) + 0.5);
  for (std::uint8_t& value : image.pixels) value = blend(mean, value, factor);
}

void adjust_saturation(Image& image, float factor) {
  for_each_rgb(image, [factor](std::uint8_t* rgb) {
    const int grey = luminance(rgb);
    for (int c = 0; c < 3; ++c) rgb[c] = blend(grey, rgb[c], factor);
  });
}

void adjust_sharpness(Image& image, float factor) {
  const Image source = image;
  const std::ptrdiff_t row = 3 * static_cast<std::ptrdiff_t>(image.width);
  for (int y = 1; y + 1 < image.height; ++y) {
    for (std::ptrdiff_t i = 3; i + 3 < row; ++i) {
      const std::uint8_t* middle = source.pixels.data() + y * row + i;
      int sum = 4 * *middle;  // the filter 1 1 1, 1 5 1, 1 1 1
      for (const std::ptrdiff_t line : {-row, std::ptrdiff_t{0}, row}) {
        sum += middle[line - 3] + middle[line] + middle[line + 3];
      }
      const int smooth = (2 * sum + 13) / 26;  // sum / 13, rounded
      image.pixels[static_cast<std::size_t>(y * row + i)] = blend(smooth, *middle, factor);
    }
  }
}

void adjust_hue(Image& image, float turns) {
  for_each_rgb(image, [turns](std::uint8_t* rgb) {
    const float red = rgb[0], green = rgb[1], blue = rgb[2];
    const float value = std::max({red, green, blue}), range = value - std::min({red, green, blue});
    if (range == 0) return;
    float sixths = (red - green) / range + 4;  // of the circle, from red over green to blue
    if (value == green) sixths = (blue - red) / range + 2;
    if (value == red) sixths = (green - blue) / range + 6;
    const float turned = sixths / 6 + turns, hue = turned - std::floor(turned);
    const float offsets[] = {5, 3, 1};
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<std::uint8_t>(std::lround(hsv_channel(hue, range / value, value, offsets[c])));
    }
  });
}

void posterize(Image& image, int bits) {
  const auto mask = static_cast<std::uint8_t>(0xFF << (8 - bits));
  for (std::uint8_t& value : image.pixels) value &= mask;
}

void solarize(Image& image, int threshold) {
  Table table = identity();
  for (int value = threshold; value < 256; ++value) {
    table[static_cast<std::size_t>(value)] = static_cast<std::uint8_t>(255 - value);
  }
  look_up(image, table);
}

void autocontrast(Image& image) {
  look_up_each_channel(image, stretched);
}

void equalize(Image& image) {
  look_up_each_channel(image, equalized);
}

void transform_affine(Image& image, const AffineMap& map) {
  const Image source = image;
  std::uint8_t* to = image.pixels.data();
  for (int row = 0; row < image.height; ++row) {
    for (int column = 0; column < image.width; ++column, to += 3) {
      const float x = static_cast<float>(column) + 0.5F, y = static_cast<float>(row) + 0.5F;
      const float from_x = std::floor(map.xx * x + map.xy * y + map.x0);
      const float from_y = std::floor(map.yx * x + map.yy * y + map.y0);
      const bool inside = from_x >= 0 && from_x < static_cast<float>(image.width) && from_y >= 0 &&
                          from_y < static_cast<float>(image.height);
      const std::ptrdiff_t pixel =
          inside ? static_cast<std::ptrdiff_t>(from_y) * image.width + static_cast<std::ptrdiff_t>(from_x)
                 : 0;
      for (int c = 0; c < 3; ++c) to[c] = inside ? source.pixels[static_cast<std::size_t>(3 * pixel + c)] : 0;
    }
  }
}

}  // namespace tern
