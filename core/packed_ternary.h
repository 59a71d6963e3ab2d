// PackedTernary: values in {-1, 0, +1} at two bits each, a type of its own so that nothing mistakes it for
// numbers.
//
// A row holds the C channels of one position (the last dimension of the shape). Every 64 channels of it are
// two 64-bit words, side by side: the sign word (bit c set where the value is -1) and the mask word (bit c
// set where the value is not 0); channel c of a word is bit c % 64. Bits beyond C are zero, so that equal
// values have equal words and the tail adds nothing to a product.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "tern/core/tensor.h"

namespace tern {

class PackedTernary {
 public:
  static constexpr std::int64_t kWordChannels = 64;

  /// Undefined: no storage, `defined()` is false.
  PackedTernary() = default;
  /// Uninitialised words for values of the shape (..., C). Throws ShapeError for a shape without dimensions.
  static PackedTernary empty(const Shape& shape, Device device = {});

  bool defined() const { return words_.defined(); }
  /// Shape of the values.
  const Shape& shape() const { return shape_; }
  Device device() const { return words_.device(); }
  /// Bytes of the words.
  std::size_t nbytes() const { return words_.nbytes(); }
  std::int64_t rows() const { return words_.dim(0); }
  std::int64_t channels() const { return shape_[-1]; }
  /// Pairs of words per row: C / 64, rounded up.
  std::int64_t row_pairs() const { return words_.dim(1); }

  /// The words: row r, pair p has its sign word at 2 * (r * row_pairs() + p) and its mask word behind it.
  /// Throws ShapeError if undefined.
  const std::uint64_t* words() const { return static_cast<const std::uint64_t*>(words_.raw()); }
  std::uint64_t* words() { return static_cast<std::uint64_t*>(words_.raw()); }
  /// The words as an i64 tensor (rows, pairs, 2) on the same storage: for copies and for counting memory.
  const Tensor& storage() const { return words_; }

  /// This if it is on `device` already, else a copy there.
  PackedTernary to(Device device) const;

 private:
  PackedTernary(const Shape& shape, Tensor words) : shape_(shape), words_(std::move(words)) {}

  Shape shape_;
  Tensor words_;
};

}  // namespace tern
