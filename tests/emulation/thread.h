// What a kernel's thread can ask of the block it runs in. device.h and ptx.h give these the names that
// kernels use.
#pragma once

#include <cstddef>
#include <cstring>

namespace tern::emulation {

/// A line of a kernel. As a default argument, here() is the line of the call.
struct Site {
  const char* file;
  int line;
  static constexpr Site here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

/// Wait until every thread of the block, or of the warp, is at the same site.
void sync_block(Site site);
void sync_warp(Site site);

/// What each lane of a warp gave to an exchange.
class WarpValues {
 public:
  static constexpr std::size_t kMaxBytes = 32;

  template <class T>
  T of_lane(int lane) const {
    T value;
    std::memcpy(&value, slots_[lane], sizeof(T));
    return value;
  }
  void set(int lane, const void* value, std::size_t bytes) { std::memcpy(slots_[lane], value, bytes); }

 private:
  alignas(16) unsigned char slots_[32][kMaxBytes];
};

/// Waits for the whole warp at this site, and shows what each lane brought. Valid until this thread's next
/// exchange. Does not order memory, as on a GPU only a barrier does.
const WarpValues& exchange_in_warp(const void* value, std::size_t bytes, Site site);

template <class T>
const WarpValues& exchange_in_warp(const T& value, Site site) {
  static_assert(sizeof(T) <= WarpValues::kMaxBytes);
  return exchange_in_warp(&value, sizeof(T), site);
}

/// Place of this thread in its warp.
int lane();

/// cp.async, see async_copies.h. take_due_copy is to be called until it returns false.
struct AsyncCopy {
  void* to;
  const void* from;  // null: zeros
};
void issue_copy(const AsyncCopy& copy);
void commit_copies();
bool take_due_copy(int pending, AsyncCopy& copy);

/// What every byte of memory holds that nobody has written.
constexpr unsigned char kUninitialised = 0xCD;

/// The block's array for a declaration in shared memory, which `declaration` identifies; and the launch's
/// own.
void* shared_array(const void* declaration, std::size_t bytes);
unsigned char* dynamic_shared();

}  // namespace tern::emulation
