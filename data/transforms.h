// From a decoded image to the network's input: resize, crop, flip, luminance (for networks of one channel),
// normalise. Semantics of torchvision.
#pragma once

#include <array>
#include <cstdint>

#include "tern/core/random.h"
#include "tern/data/image.h"
#include "tern/data/resize.h"

namespace tern {

/// How the square of `TransformConfig::size` is cut out.
enum class Crop {
  none,            // the image must have that size already
  center,          // the middle; an image that is smaller gets zeros (black) around it
  random,          // anywhere within the image and `padding` zeros around it
  random_resized,  // a random rectangle, stretched to the square
};

struct TransformConfig {
  int size = 32;     // height and width of the result
  int channels = 3;  // of the result: red, green, blue; or 1, the luminance
  int resize = 0;    // the shorter side is resized to this before the crop; 0: not at all
  Interpolation interpolation = Interpolation::bicubic;
  Crop crop = Crop::none;
  int padding = 0;    // zeros on each side, for Crop::random
  bool flip = false;  // mirror left and right with probability 1/2
  // Of the pixels after division by 255; of the luminance the first ones.
  std::array<float, 3> mean = {0.0F, 0.0F, 0.0F};
  std::array<float, 3> std = {1.0F, 1.0F, 1.0F};
  // For Crop::random_resized: share of the image's area, and width / height.
  std::array<float, 2> scale = {0.08F, 1.0F};
  std::array<float, 2> ratio = {3.0F / 4.0F, 4.0F / 3.0F};
};

/// Y of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, rounded as libjpeg and Pillow's convert("L") round it;
/// v where all three are v.
constexpr std::uint8_t luminance(const std::uint8_t* rgb) {
  constexpr std::uint32_t kRed = 19595, kGreen = 38470, kBlue = 7471, kHalf = 1U << 15;  // of 2^16
  return static_cast<std::uint8_t>((kRed * rgb[0] + kGreen * rgb[1] + kBlue * rgb[2] + kHalf) >> 16);
}

class Transform {
 public:
  /// For evaluation (`training` false) random crops become the centre crop and nothing is mirrored.
  /// In training, Crop::random_resized ignores `resize`: its rectangle is taken from the original.
  /// Throws ConfigError for values out of range.
  Transform(const TransformConfig& config, bool training);

  int size() const { return config_.size; }
  int channels() const { return config_.channels; }

  /// Writes (size, size, channels) normalised values to `out`. Takes every random number from `random`, so
  /// that the stream determines the result. Throws DataError if the image is too small for the crop. May be
  /// called from several threads at once.
  void apply(const Image& image, Random& random, float* out) const;

 private:
  /// Normalises the size x size window whose top left corner lies at (top, left) of `view`, which may be
  /// partly outside: there are zeros.
  void write_window(const ImageView& view, int top, int left, bool mirror, float* out) const;

  /// The same with write_pixel(rgb, to), which writes the `channels` values of one pixel.
  template <class WritePixel>
  void write_pixels(const ImageView& view, int top, int left, bool mirror, float* out,
                    const WritePixel& write_pixel) const;

  TransformConfig config_;
  bool training_;
  std::array<std::array<float, 256>, 3> normalised_;  // of every channel and pixel value
};

}  // namespace tern
