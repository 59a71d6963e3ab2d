// The emulated half of kernels/cuda/device.cuh, which documents these names.
#pragma once

#include <cstdint>

#include "emulation/thread.h"

#define TERN_SHARED(type, name, count)               \
  static char name##_declaration;                    \
  type(&name)[count] = *static_cast<type(*)[count]>( \
      ::tern::emulation::shared_array(&name##_declaration, sizeof(type) * (count)))

#define TERN_DYNAMIC_SHARED(name) unsigned char* const name = ::tern::emulation::dynamic_shared()

namespace tern::kernels::cuda {

using emulation::Site;

constexpr unsigned kAllLanes = 0xffffffffU;

inline void sync_block(Site site = Site::here()) {
  emulation::sync_block(site);
}
inline void sync_warp(Site site = Site::here()) {
  emulation::sync_warp(site);
}

template <class T>
T shuffle(T value, int source, Site site = Site::here()) {
  return emulation::exchange_in_warp(value, site).template of_lane<T>(source % 32);
}
template <class T>
T shuffle_xor(T value, int mask, Site site = Site::here()) {
  return shuffle(value, emulation::lane() ^ mask, site);
}
template <class T>
T shuffle_down(T value, int delta, Site site = Site::here()) {
  const int source = emulation::lane() + delta;
  return shuffle(value, source < 32 ? source : emulation::lane(), site);
}

inline unsigned ballot(bool predicate, Site site = Site::here()) {
  const emulation::WarpValues& values = emulation::exchange_in_warp(predicate, site);
  unsigned bits = 0;
  for (int lane = 0; lane < 32; ++lane) bits |= static_cast<unsigned>(values.of_lane<bool>(lane)) << lane;
  return bits;
}

// Atomic to ThreadSanitizer too, which so knows them from a race.
inline void atomic_add(std::uint64_t* address, std::uint64_t value) {
  __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}
inline void atomic_add(int* address, int value) {
  __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}
inline void atomic_or(int* address, int value) {
  __atomic_fetch_or(address, value, __ATOMIC_RELAXED);
}

}  // namespace tern::kernels::cuda
