// The loops of this folder are one text for all targets. The file of a target defines TERN_FLOATS_TARGET as
// the attribute that its functions need, before it includes them, and hands in its vectors as `Simd`, a type
// of its own: so no code of one target can stand in for another's.
#pragma once

#ifndef TERN_FLOATS_TARGET
#define TERN_FLOATS_TARGET
#endif

#define TERN_FLOATS_INLINE __attribute__((always_inline)) inline
/// For loops that need all registers for themselves.
#define TERN_FLOATS_NOINLINE __attribute__((noinline))
