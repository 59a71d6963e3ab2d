// The loops of this folder are one text for all targets. The file of a target defines TERN_STEM_TARGET as the
// attribute that its functions need, before it includes them, and hands in its vectors as `Simd`, a type of
// its own: so no code of one target can stand in for another's.
#pragma once

#ifndef TERN_STEM_TARGET
#define TERN_STEM_TARGET
#endif

#define TERN_STEM_INLINE __attribute__((always_inline)) inline
/// For loops that need all registers for themselves.
#define TERN_STEM_NOINLINE __attribute__((noinline))
