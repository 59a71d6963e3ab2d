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

/// A value on its way between lanes. Copied as a whole, so that no call to memcpy looks like an access of a
/// thread.
struct LaneValue {
  alignas(16) unsigned char bytes[32];
};

/// What each lane of a warp brought to an exchange.
struct WarpValues {
  LaneValue lanes[32];

  template <class T>
  T of_lane(int lane) const {
    T value;
    std::memcpy(&value, lanes[lane].bytes, sizeof(T));
    return value;
  }
};

/// Waits for the whole warp at this site, and shows what each lane brought. Valid until this thread's next
/// exchange. Does not order memory, as on a GPU only a barrier does.
const WarpValues& exchange_in_warp(const LaneValue& value, Site site);

template <class T>
const WarpValues& exchange_in_warp(const T& value, Site site) {
  static_assert(sizeof(T) <= sizeof(LaneValue));
  LaneValue bytes;
  std::memcpy(bytes.bytes, &value, sizeof(T));
  return exchange_in_warp(bytes, site);
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
