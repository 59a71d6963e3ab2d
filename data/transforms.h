// From a decoded image to the network's input: resize, crop, flip, change colours, luminance (for networks of
// one channel), normalise, erase. Semantics of torchvision.
#pragma once

#include <array>
#include <cstdint>

#include "tern/core/random.h"
#include "tern/data/color_jitter.h"
#include "tern/data/erasing.h"
#include "tern/data/image.h"
#include "tern/data/resize.h"
#include "tern/data/window.h"

namespace tern {

/// How the rectangle of `TransformConfig::size` is cut out.
enum class Crop {
  none,            // the image must have that size already
  center,          // the middle; an image that is smaller gets zeros (black) around it
  random,          // anywhere within the image and the `padding` around it
  random_resized,  // a random rectangle, stretched to that size
};

/// Which images are mirrored, left to right.
enum class Flip {
  none,
  always,  // also in evaluation
  random,  // each training image with probability 1/2
  // Each training image in every other epoch, chance deciding which: two epochs show an image both ways.
  // (Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024, section 3.6.)
  alternating,
};

struct TransformConfig {
  ImageExtents size = {32, 32};  // of the result
  int channels = 3;              // of the result: red, green, blue; or 1, the luminance
  int resize = 0;                // the shorter side is resized to this before the crop; 0: not at all
  Interpolation interpolation = Interpolation::bicubic;
  Crop crop = Crop::none;
  int padding = 0;  // pixels on each side, for Crop::random
  PaddingMode padding_mode = PaddingMode::zero;
  Flip flip = Flip::none;
  // Of the pixels after division by 255; of the luminance the first ones.
  std::array<float, 3> mean = {0.0F, 0.0F, 0.0F};
  std::array<float, 3> std = {1.0F, 1.0F, 1.0F};
  // For Crop::random_resized: share of the image's area, and width / height.
  std::array<float, 2> scale = {0.08F, 1.0F};
  std::array<float, 2> ratio = {3.0F / 4.0F, 4.0F / 3.0F};
  // Of training images, in this order; see color_jitter.h, trivial_augment.h, erasing.h.
  ColorJitter color_jitter;
  bool trivial_augment = false;
  int cutout = 0;        // side of the square; 0: none
  float erasing = 0.0F;  // probability of random erasing
  // Have a JPEG decoded at 1/2, 1/4 or 1/8 of its size where what is cut out of it shrinks as much or more.
  // Saves most of the time that large photographs take; the pixels are no longer Pillow's.
  bool dct_scaling = false;
};

/// What the augmentation of an image depends on.
struct AugmentationKey {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;
  std::uint32_t index = 0;  // of the sample
};

class Transform {
 public:
  using ValueTable = std::array<std::array<float, 256>, 3>;

  /// For evaluation (`training` false) random crops become the centre crop, and nothing is mirrored by
  /// chance. In training, Crop::random_resized ignores `resize`: its rectangle is taken from the original.
  /// Throws ConfigError for values out of range.
  Transform(const TransformConfig& config, bool training);

  ImageExtents size() const { return config_.size; }
  int channels() const { return config_.channels; }

  /// Throws DataError for an image that apply() would refuse: too small for the crop, or so long and thin
  /// that it would not fit into memory once its shorter side is resized.
  void check(ImageExtents extents) const;

  /// Writes (height, width, channels) normalised values to `out`, which depend on `image`, and in training on
  /// `key`, alone. Throws what check() throws. May be called from several threads at once.
  void apply(const ImageView& image, const AugmentationKey& key, float* out) const;
  void apply(const Image& image, const AugmentationKey& key, float* out) const {
    apply(view_of(image), key, out);
  }

  /// What of an image of these extents is enough for apply() with this key. Throws what check() throws.
  ImageRegion region(ImageExtents extents, const AugmentationKey& key) const;
  /// Of an image of which that much, or more, is there.
  void apply(const ImagePart& part, const AugmentationKey& key, float* out) const;

  /// The bytes of the result, which are still to be normalised: by value_table(), and with zeros in the parts
  /// that are returned, it is what apply() writes.
  ErasedParts apply_to_bytes(const ImagePart& part, const AugmentationKey& key, std::uint8_t* out) const;
  /// Whether those parts can have pixels.
  bool erases() const { return training_ && (config_.cutout > 0 || config_.erasing > 0); }
  /// The normalised value of each byte of each channel.
  const ValueTable& value_table() const { return normalised_; }

 private:
  /// Where the pixels of a result come from.
  struct Cut {
    Rectangle source;     // of the image
    ImageExtents target;  // to which it is resized
    Window window;        // of the resized rectangle
  };

  void erase_parts(const ErasedParts& parts, float* out) const;
  bool draw_mirror(const AugmentationKey& key, Random& random) const;
  Cut draw_cut(ImageExtents image, bool mirror, Random& random) const;
  int shrink(const Cut& cut) const;
  /// What follows writes normalised values or bytes. `image` is at 1 / shrink of its size.
  template <class Value>
  ErasedParts write(const PartialView& image, ImageExtents full, int shrink, const AugmentationKey& key,
                    Value* out) const;
  template <class Value>
  void write_cut(const PartialView& image, int shrink, const Cut& cut, Random& random, Value* out) const;
  Window window(ImageExtents image, Random& random) const;
  /// Changes the pixels of the window, in training, and writes them.
  template <class Value>
  void write_window(const ImageView& view, const Window& window, Random& random, Value* out) const;
  template <class Value>
  void write_pixels(const ImageView& view, const Window& window, Value* out) const;
  template <class Value>
  Value value_of(std::size_t channel, std::uint8_t byte) const;

  TransformConfig config_;
  bool training_;
  ValueTable normalised_;
};

}  // namespace tern
