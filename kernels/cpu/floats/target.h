// The loops of this folder are one text for all targets. The file of a target defines TERN_FLOATS_TARGET as
// the attribute that its functions need, before it includes them, and hands in its vectors as `Simd`, a type
// of its own: so no code of one target can stand in for another's.
#pragma once

#include <cstdint>
#include <cstring>

#ifndef TERN_FLOATS_TARGET
#define TERN_FLOATS_TARGET
#endif

#define TERN_FLOATS_INLINE __attribute__((always_inline)) inline
/// For loops that need all registers for themselves.
#define TERN_FLOATS_NOINLINE __attribute__((noinline))

namespace tern::floats {

/// Two 16-bit integers, wherever they lie, as the 32 bits of a lane.
TERN_FLOATS_INLINE std::int32_t pair_at(const std::int16_t* from) {
  std::int32_t pair;
  std::memcpy(&pair, from, sizeof pair);
  return pair;
}

}  // namespace tern::floats
