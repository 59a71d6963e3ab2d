// The rows of an image as floats, whatever its pixels are.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "tern/models/model_metadata.h"

namespace tern::engine {

/// How 8-bit pixels become floats, per channel and value: (value / 255 - mean) / std, as data/transforms.h
/// has it.
using PixelTable = std::array<std::array<float, 256>, 3>;
PixelTable pixel_table(const InputSection& input);

class ImageRows {
 public:
  virtual ~ImageRows() = default;
  /// Writes the row (width, 3).
  virtual void copy(int row, float* to) const = 0;
};

class FloatRows final : public ImageRows {
 public:
  FloatRows(const float* image, int width) : image_(image), values_(std::ptrdiff_t{3} * width) {}
  void copy(int row, float* to) const override { std::copy_n(image_ + row * values_, values_, to); }

 private:
  const float* image_;
  std::ptrdiff_t values_;  // of a row
};

class ByteRows final : public ImageRows {
 public:
  ByteRows(const std::uint8_t* image, int width, const PixelTable& table)
      : image_(image), values_(std::ptrdiff_t{3} * width), table_(table) {}
  void copy(int row, float* to) const override {
    const std::uint8_t* from = image_ + row * values_;
    for (std::ptrdiff_t i = 0; i < values_; ++i) to[i] = table_[static_cast<std::size_t>(i % 3)][from[i]];
  }

 private:
  const std::uint8_t* image_;
  std::ptrdiff_t values_;
  const PixelTable& table_;
};

}  // namespace tern::engine
