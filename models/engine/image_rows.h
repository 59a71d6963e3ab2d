// The rows of an image as floats, whatever its pixels are.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tern/models/engine/activation_map.h"
#include "tern/models/model_metadata.h"

namespace tern::engine {

/// How 8-bit pixels become floats, per channel and value of it: (value / 255 - mean) / std, as
/// data/transforms.h has it.
using PixelTable = std::vector<std::array<float, 256>>;
PixelTable pixel_table(const InputSection& input);

class ImageRows {
 public:
  virtual ~ImageRows() = default;
  /// Writes the row (width, channels).
  virtual void copy(int row, float* to) const = 0;
  /// The row of an image of 8 bits a value; null of another.
  virtual const std::uint8_t* bytes(int /*row*/) const { return nullptr; }
};

class FloatRows final : public ImageRows {
 public:
  FloatRows(const float* image, const ActivationMap& shape) : image_(image), values_(shape.row_values()) {}
  void copy(int row, float* to) const override { std::copy_n(image_ + row * values_, values_, to); }

 private:
  const float* image_;
  std::ptrdiff_t values_;  // of a row
};

class ByteRows final : public ImageRows {
 public:
  ByteRows(const std::uint8_t* image, const ActivationMap& shape, const PixelTable& table)
      : image_(image), values_(shape.row_values()), table_(table) {}
  void copy(int row, float* to) const override {
    const std::uint8_t* from = bytes(row);
    const auto channels = static_cast<std::ptrdiff_t>(table_.size());
    for (std::ptrdiff_t i = 0; i < values_; i += channels) {
      for (std::ptrdiff_t c = 0; c < channels; ++c)
        to[i + c] = table_[static_cast<std::size_t>(c)][from[i + c]];
    }
  }
  const std::uint8_t* bytes(int row) const override { return image_ + row * values_; }

 private:
  const std::uint8_t* image_;
  std::ptrdiff_t values_;
  const PixelTable& table_;
};

}  // namespace tern::engine
