// Extents of a tensor, outermost first. Images are (N, H, W, C), convolution weights (O, KH, KW, I).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace tern {

class Shape {
 public:
  static constexpr int kMaxRank = 6;

  /// Rank 0: a scalar, one element.
  Shape() = default;
  /// Throws ShapeError for a negative extent, a rank beyond kMaxRank or a product beyond 2^62.
  Shape(std::initializer_list<std::int64_t> extents);
  explicit Shape(const std::vector<std::int64_t>& extents);

  int rank() const { return rank_; }
  /// Extent of dimension `i`; a negative `i` counts from the end. Throws ShapeError if out of range.
  std::int64_t operator[](int i) const;
  /// Product of the extents.
  std::int64_t numel() const;

  bool operator==(const Shape& other) const;
  bool operator!=(const Shape& other) const { return !(*this == other); }

  const std::int64_t* begin() const { return extents_.data(); }
  const std::int64_t* end() const { return extents_.data() + rank_; }

 private:
  void assign(const std::int64_t* extents, std::size_t rank);

  std::array<std::int64_t, kMaxRank> extents_{};
  int rank_ = 0;
};

/// "(8, 32, 32, 3)"
std::string to_string(const Shape& shape);

}  // namespace tern
