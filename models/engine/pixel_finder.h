// The 8-bit pixels of which an image of floats was made.
#pragma once

#include <cstdint>
#include <vector>

#include "tern/models/engine/activation_map.h"
#include "tern/models/input_section.h"

namespace tern::engine {

class PixelFinder {
 public:
  /// How far a float may be from an 8-bit pixel, in grey levels: other programs round otherwise.
  static constexpr float kTolerance = 1.0F / 1024;

  PixelFinder(const InputSection& input, const ActivationMap& image);

  /// Writes the pixels of `image` (height, width, channels). False, and then only some of them, if it holds
  /// other numbers.
  bool find(const float* image, std::uint8_t* pixels) const;

 private:
  std::vector<float> factor_, summand_;  // of each value of a row: pixel = value * factor + summand
  int rows_;
};

}  // namespace tern::engine
