// What AddressSanitizer and ThreadSanitizer must be told of fibers. Empty where neither is on. The emulator
// itself is compiled without instrumentation (CMakeLists.txt), so the build defines which of the two the
// program has.
#pragma once

#ifdef TERN_EMULATION_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#ifdef TERN_EMULATION_TSAN
#include <sanitizer/tsan_interface.h>
extern "C" {
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace tern::emulation {

#ifdef TERN_EMULATION_TSAN
constexpr bool kThreadSanitizer = true;
/// What happened before a release of `token` happened before whatever follows a later acquire of it.
inline void release(void* token) {
  __tsan_release(token);
}
inline void acquire(void* token) {
  __tsan_acquire(token);
}
#else
constexpr bool kThreadSanitizer = false;
inline void release(void*) {}
inline void acquire(void*) {}
#endif

/// While it lives, what this thread writes, allocates and frees is the emulator's own affair. Memory
/// allocated meanwhile counts as never touched.
struct UnwatchedByThreadSanitizer {
#ifdef TERN_EMULATION_TSAN
  UnwatchedByThreadSanitizer() {
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~UnwatchedByThreadSanitizer() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  }
#else
  UnwatchedByThreadSanitizer() {}
  ~UnwatchedByThreadSanitizer() {}
#endif
  UnwatchedByThreadSanitizer(const UnwatchedByThreadSanitizer&) = delete;
  UnwatchedByThreadSanitizer& operator=(const UnwatchedByThreadSanitizer&) = delete;
};

}  // namespace tern::emulation
