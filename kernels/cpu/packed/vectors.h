// Vectors of numbers in the types that GCC and Clang have for every instruction set: operators work lane by
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

template <class T, int kCount>
struct VectorOf {
  typedef T Type __attribute__((vector_size(kCount * sizeof(T))));
};
template <int kCount>
using Floats = typename VectorOf<float, kCount>::Type;
template <int kCount>
using Ints = typename VectorOf<std::int32_t, kCount>::Type;

template <class Vector, class Element>
inline Vector load(const Element* from) {
  Vector lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

/// The first `count` lanes, the others 0.
template <class Vector, class Element>
inline Vector load(const Element* from, int count) {
  if (count == sizeof(Vector) / sizeof(Element)) return load<Vector>(from);
  Vector lanes = {};
  std::memcpy(&lanes, from, static_cast<std::size_t>(count) * sizeof(Element));
  return lanes;
}

/// The first `count` lanes.
template <class Vector, class Element>
inline void store(const Vector& lanes, int count, Element* to) {
  if (count == sizeof(Vector) / sizeof(Element)) {
    std::memcpy(to, &lanes, sizeof lanes);  // a constant size compiles to one store
  } else {
    std::memcpy(to, &lanes, static_cast<std::size_t>(count) * sizeof(Element));
  }
}

/// Brings words into the inner cache.
inline void fetch(const std::uint64_t* words, std::ptrdiff_t count) {
  for (std::ptrdiff_t i = 0; i < count; i += 8) __builtin_prefetch(words + i);  // 8 words a line
}

}  // namespace
}  // namespace tern::packed
