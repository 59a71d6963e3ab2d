// Eight numbers at once, in the vector types that GCC and Clang have for every target: operators work lane by
// lane, and a comparison is a mask that ?: takes.
//
// This header and those that include it are compiled once per instruction set, so everything in them has
// internal linkage: shared definitions would be compiled for one instruction set and linked into the code of
// all.
#pragma once

#include <cstdint>
#include <cstring>

// How such a vector is passed depends on the instruction set, which is of no concern within one file.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace tern::packed {
namespace {

using F32x8 = float __attribute__((vector_size(32)));
using I32x8 = std::int32_t __attribute__((vector_size(32)));
using I16x8 = std::int16_t __attribute__((vector_size(16)));

inline F32x8 load(const float* from) {
  F32x8 lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

/// The first `count` lanes, the others 0.
inline F32x8 load(const float* from, int count) {
  if (count == 8) return load(from);
  F32x8 lanes = {};
  std::memcpy(&lanes, from, static_cast<std::size_t>(count) * sizeof(float));
  return lanes;
}

/// The first `count` lanes.
template <class Vector, class Element>
inline void store(const Vector& lanes, int count, Element* to) {
  static_assert(sizeof lanes == 8 * sizeof(Element));
  if (count == 8) {
    std::memcpy(to, &lanes, sizeof lanes);  // a constant size compiles to one store
  } else {
    std::memcpy(to, &lanes, static_cast<std::size_t>(count) * sizeof(Element));
  }
}

}  // namespace
}  // namespace tern::packed
