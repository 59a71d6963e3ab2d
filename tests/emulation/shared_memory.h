// The shared memory of one block: a heap block per array, exactly as long, so that AddressSanitizer sees
// every step over an end. Filled with kUninitialised, as nothing may be expected of it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace tern::emulation {

class SharedMemory {
 public:
  explicit SharedMemory(std::size_t dynamic_bytes);
  ~SharedMemory();

  /// The array of one declaration. Throws std::length_error when the block has more than a GPU grants.
  void* array(const void* declaration, std::size_t bytes);
  unsigned char* dynamic() const { return dynamic_.get(); }

 private:
  struct Free {
    void operator()(unsigned char* memory) const;
  };
  using Memory = std::unique_ptr<unsigned char, Free>;
  struct Array {
    const void* declaration;
    Memory memory;
  };
  static Memory allocate(std::size_t bytes, std::size_t alignment);

  std::size_t dynamic_bytes_;
  std::size_t static_bytes_ = 0;
  Memory dynamic_;
  std::vector<Array> arrays_;
};

}  // namespace tern::emulation
