#include "tern/core/shape.h"

#include <algorithm>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {

Shape::Shape(std::initializer_list<std::int64_t> extents) {
  assign(extents.begin(), extents.size());
}

Shape::Shape(const std::vector<std::int64_t>& extents) {
  assign(extents.data(), extents.size());
}

void Shape::assign(const std::int64_t* extents, std::size_t rank) {
  require<ShapeError>(rank <= kMaxRank, "Shape: rank {} is beyond the maximum of {}", rank, kMaxRank);
  constexpr std::int64_t kMaxElements = std::int64_t{1} << 62;
  std::int64_t product = 1;
  for (std::size_t i = 0; i < rank; ++i) {
    require<ShapeError>(extents[i] >= 0, "Shape: extent {} of dimension {} is negative", extents[i], i);
    require<ShapeError>(extents[i] == 0 || product <= kMaxElements / extents[i],
                        "Shape: the number of elements overflows at dimension {}", i);
    product *= extents[i];
    extents_[i] = extents[i];
  }
  rank_ = static_cast<int>(rank);
}

std::int64_t Shape::operator[](int i) const {
  const int dimension = i < 0 ? i + rank_ : i;
  require<ShapeError>(dimension >= 0 && dimension < rank_, "Shape: dimension {} of the rank {} shape {}", i,
                      rank_, *this);
  return extents_[static_cast<std::size_t>(dimension)];
}

std::int64_t Shape::numel() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : *this) product *= extent;
  return product;
}

bool Shape::operator==(const Shape& other) const {
  return rank_ == other.rank_ && std::equal(begin(), end(), other.begin());
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (int i = 0; i < shape.rank(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + (shape.rank() == 1 ? ",)" : ")");
}

}  // namespace tern
