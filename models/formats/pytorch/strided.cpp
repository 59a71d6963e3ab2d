#include "tern/models/formats/pytorch/strided.h"

#include <array>
#include <cstring>

namespace tern::pytorch {

bool within_storage(const StridedTensor& tensor) {
  constexpr std::int64_t kMostElements = std::int64_t{1} << 62;  // of a Shape
  if (tensor.offset < 0 || tensor.sizes.size() != tensor.strides.size()) return false;
  std::int64_t numel = 1, last = tensor.offset;  // the element furthest from the start
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
    if (tensor.sizes[i] < 0 || tensor.strides[i] < 0) return false;
    std::int64_t reach = 0;
    if (__builtin_mul_overflow(tensor.sizes[i] - 1, tensor.strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last) ||
        __builtin_mul_overflow(numel, tensor.sizes[i], &numel) || numel > kMostElements) {
      return false;
    }
  }
  return numel == 0 || (numel <= tensor.storage.numel && last < tensor.storage.numel);
}

std::vector<char> gather(const StridedTensor& tensor, const std::vector<char>& storage) {
  const std::size_t size = size_of(tensor.storage.type);
  const Shape shape(tensor.sizes);
  std::vector<char> elements(static_cast<std::size_t>(shape.numel()) * size);
  std::array<std::int64_t, Shape::kMaxRank> index{};
  std::int64_t at = tensor.offset;
  for (std::size_t done = 0; done < elements.size(); done += size) {
    std::memcpy(elements.data() + done, storage.data() + static_cast<std::size_t>(at) * size, size);
    for (int i = shape.rank() - 1; i >= 0; --i) {
      const auto k = static_cast<std::size_t>(i);
      if (++index[k] < shape[i]) {
        at += tensor.strides[k];
        break;
      }
      at -= tensor.strides[k] * (shape[i] - 1);
      index[k] = 0;
    }
  }
  return elements;
}

}  // namespace tern::pytorch
