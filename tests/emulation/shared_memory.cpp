#include "emulation/shared_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>

#include "emulation/device_limits.h"
#include "emulation/sanitizers.h"
#include "emulation/thread.h"

namespace tern::emulation {
namespace {

constexpr std::size_t kStaticAlignment = 16;
constexpr std::size_t kDynamicAlignment = 128;

}  // namespace

SharedMemory::SharedMemory(std::size_t dynamic_bytes)
    : dynamic_bytes_(dynamic_bytes), dynamic_(allocate(dynamic_bytes, kDynamicAlignment)) {}

SharedMemory::~SharedMemory() {
  const UnwatchedByThreadSanitizer unwatched;
  arrays_.clear();
  dynamic_.reset();
}

void* SharedMemory::array(const void* declaration, std::size_t bytes) {
  const auto known = std::find_if(arrays_.begin(), arrays_.end(),
                                  [&](const Array& array) { return array.declaration == declaration; });
  if (known != arrays_.end()) return known->memory.get();

  static_bytes_ += bytes;
  if (static_bytes_ > kMaxStaticSharedBytes || static_bytes_ + dynamic_bytes_ > kMaxSharedBytes) {
    throw std::length_error("more shared memory than a block gets");
  }
  const UnwatchedByThreadSanitizer unwatched;
  arrays_.push_back({declaration, allocate(bytes, kStaticAlignment)});
  return arrays_.back().memory.get();
}

// free() takes memory of any alignment.
SharedMemory::Memory SharedMemory::allocate(std::size_t bytes, std::size_t alignment) {
  const UnwatchedByThreadSanitizer unwatched;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, bytes) != 0) throw std::bad_alloc();
  std::memset(memory, kUninitialised, bytes);
  return Memory(static_cast<unsigned char*>(memory));
}

void SharedMemory::Free::operator()(unsigned char* memory) const {
  std::free(memory);
}

}  // namespace tern::emulation
