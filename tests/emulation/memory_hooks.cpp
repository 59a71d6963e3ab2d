// What GCC's -fsanitize=thread has code call before each access to memory, in the place of ThreadSanitizer:
// kernels compiled so tell traffic.h what they load and store.
#include <cstddef>
#include <cstdint>

#include "emulation/traffic.h"

using tern::emulation::Access;
using tern::emulation::CountedLaunch;

#define TERN_HOOK(name, bytes, access)                   \
  void __tsan_##name##bytes(void* address) {             \
    CountedLaunch::note(address, bytes, Access::access); \
  }
#define TERN_HOOKS(bytes)                \
  TERN_HOOK(read, bytes, load)           \
  TERN_HOOK(write, bytes, store)         \
  TERN_HOOK(unaligned_read, bytes, load) \
  TERN_HOOK(unaligned_write, bytes, store)

// A read and a write, whatever the operation: atomics of kernels are sums, those of the host are not counted.
#define TERN_ATOMIC_HOOK(operation, builtin, bits, type)                                  \
  type __tsan_atomic##bits##_##operation(volatile type* address, type value, int order) { \
    CountedLaunch::note(const_cast<type*>(address), sizeof(type), Access::load);          \
    CountedLaunch::note(const_cast<type*>(address), sizeof(type), Access::store);         \
    static_cast<void>(order);                                                             \
    return builtin(address, value, __ATOMIC_SEQ_CST);                                     \
  }
#define TERN_ATOMIC_HOOKS(bits, type)                         \
  TERN_ATOMIC_HOOK(fetch_add, __atomic_fetch_add, bits, type) \
  TERN_ATOMIC_HOOK(fetch_sub, __atomic_fetch_sub, bits, type) \
  TERN_ATOMIC_HOOK(fetch_or, __atomic_fetch_or, bits, type)

extern "C" {

void __tsan_init() {}
TERN_HOOKS(1)
TERN_HOOKS(2)
TERN_HOOKS(4)
TERN_HOOKS(8)
TERN_HOOKS(16)
void __tsan_read_range(void* address, std::size_t bytes) {
  if (bytes > 0) CountedLaunch::note(address, bytes, Access::load);
}
void __tsan_write_range(void* address, std::size_t bytes) {
  if (bytes > 0) CountedLaunch::note(address, bytes, Access::store);
}
void __tsan_vptr_update(void**, void*) {}
TERN_ATOMIC_HOOKS(32, std::int32_t)
TERN_ATOMIC_HOOKS(64, std::int64_t)
std::int8_t __tsan_atomic8_load(const volatile std::int8_t* address, int) {
  return __atomic_load_n(address, __ATOMIC_SEQ_CST);
}

}  // extern "C"
