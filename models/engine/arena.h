// The working memory of one image: one block, its parts laid out when the network is loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>

namespace tern::engine {

/// Hands out the offsets of an arena's parts.
class ArenaLayout {
 public:
  /// A cache line, and the width of the widest vectors.
  static constexpr std::size_t kAlignment = 64;

  /// `bytes` up to the next line. Throws std::bad_alloc if they would not fit into the memory behind
  /// `offset`.
  static std::size_t aligned(std::size_t bytes, std::size_t offset) {
    constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max() - kAlignment;
    if (offset > kMost || bytes > kMost - offset) throw std::bad_alloc();
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  std::size_t reserve(std::size_t bytes) {
    const std::size_t offset = bytes_;
    bytes_ += aligned(bytes, offset);
    return offset;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

/// Cleared once: no kernel writes to borders or to the padding behind the last channel, which must stay zero.
class Arena {
 public:
  explicit Arena(const ArenaLayout& layout)
      : memory_(static_cast<std::byte*>(::operator new(layout.bytes(), kAlignment))) {
    std::memset(memory_.get(), 0, layout.bytes());
  }

  template <class T>
  T* at(std::size_t offset) const {
    return reinterpret_cast<T*>(memory_.get() + offset);
  }

 private:
  static constexpr std::align_val_t kAlignment{ArenaLayout::kAlignment};
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete(memory, kAlignment); }
  };
  std::unique_ptr<std::byte, Free> memory_;
};

}  // namespace tern::engine
