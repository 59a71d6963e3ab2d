// From a picture to the input of a network: the section "input" of a training configuration and of model
// files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tern/core/shape.h"

namespace tern {

struct InputSection {
  std::int64_t size = 32;
  std::int64_t height = 0, width = 0;  // 0: size
  std::int64_t channels = 3;           // red, green, blue; or 1, the luminance
  std::int64_t resize = 0;
  std::string interpolation = "bicubic";
  std::string crop = "none";
  std::int64_t padding = 0;
  bool flip = false;
  // One for each channel; of ImageNet.
  std::vector<double> mean = {0.485, 0.456, 0.406};
  std::vector<double> std = {0.229, 0.224, 0.225};
  bool exif_orientation = true;
  std::vector<double> background = {255, 255, 255};  // RGB, 0 to 255, behind transparent pixels

  /// What the network gets, (H, W, C).
  Shape image() const { return {height > 0 ? height : size, width > 0 ? width : size, channels}; }
  void set_image(const Shape& image);
  /// The fields that set its height and width, for messages: "input.size", "input.height and input.width".
  std::string size_fields() const;
};

/// The defaults for pictures of one channel: their mean and std are those above, weighted as the luminance
/// (data/luminance.h) weights the channels.
InputSection grey_input();

// What the fields may be.
inline constexpr std::int64_t kMaxInputSize = 8192;  // of height, width and `resize`
inline constexpr std::int64_t kMaxInputPadding = 1024;
const std::vector<std::string>& input_interpolations();
const std::vector<std::string>& input_crops();

/// The first field of `input` that is out of range, and how: "size: expected 1 to 8192, got 0". Empty if
/// there is none.
std::string input_problem(const InputSection& input);

}  // namespace tern
