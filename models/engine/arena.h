// The working memory of one image: one block, its parts laid out when the network is loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

namespace tern::engine {

/// Hands out the offsets of an arena's parts.
class ArenaLayout {
 public:
  /// A cache line, and the width of the widest vectors.
  static constexpr std::size_t kAlignment = 64;

  std::size_t reserve(std::size_t bytes) {
    const std::size_t offset = bytes_;
    bytes_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
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
