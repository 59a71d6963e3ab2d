// Neighbouring elements that are loaded and stored at once.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tern/core/bfloat16.h"

namespace tern::kernels::cuda {

template <class T, int Width>
struct alignas(sizeof(T) * Width) Vector {
  T at[Width];
};

#ifdef __CUDA_ARCH__
/// What the machine stores at once, by its size.
template <std::size_t Bytes>
struct Word;
#define TERN_WORD(word)       \
  template <>                 \
  struct Word<sizeof(word)> { \
    using Type = word;        \
  };
TERN_WORD(unsigned char)
TERN_WORD(unsigned short)
TERN_WORD(unsigned)
TERN_WORD(uint2)
TERN_WORD(uint4)
#undef TERN_WORD
#endif

/// `from` is aligned to the size of the vector.
template <int Width, class T>
__device__ __forceinline__ Vector<T, Width> load(const T* from) {
  return *reinterpret_cast<const Vector<T, Width>*>(from);
}
/// At most 16 bytes, in one instruction: nvcc would take an assignment apart into as many as there are
/// elements (tests/machine_code).
template <int Width, class T>
__device__ __forceinline__ void store(T* to, const Vector<T, Width>& values) {
#ifdef __CUDA_ARCH__
  using Type = typename Word<sizeof(values)>::Type;
  Type word;
  std::memcpy(&word, &values, sizeof(values));
  __stwb(reinterpret_cast<Type*>(to), word);
#else
  *reinterpret_cast<Vector<T, Width>*>(to) = values;
#endif
}

/// The same of elements that are computed with as floats.
template <int Width, class T>
__device__ __forceinline__ Vector<float, Width> as_floats(const Vector<T, Width>& elements) {
  Vector<float, Width> values;
  for (int k = 0; k < Width; ++k) values.at[k] = to_float(elements.at[k]);
  return values;
}
template <int Width, class T>
__device__ __forceinline__ Vector<float, Width> load_floats(const T* from) {
  return as_floats(load<Width>(from));
}
template <int Width, class T>
__device__ __forceinline__ void store_rounded(T* to, const Vector<float, Width>& values) {
  Vector<T, Width> elements;
  for (int k = 0; k < Width; ++k) elements.at[k] = rounded_to<T>(values.at[k]);
  store(to, elements);
}

/// Elements from `index` on, or `otherwise` for each where there are none.
template <int Width>
__device__ __forceinline__ Vector<float, Width> load_or(const float* from, std::int64_t index,
                                                        float otherwise) {
  if (from != nullptr) return load<Width>(from + index);
  Vector<float, Width> values;
  for (int k = 0; k < Width; ++k) values.at[k] = otherwise;
  return values;
}

/// body(std::integral_constant<int, Width>()) with Width = 4 if rows of `length` elements may be read so,
/// else 1.
template <class Body>
void visit_width(std::int64_t length, const Body& body) {
  length % 4 == 0 ? body(std::integral_constant<int, 4>()) : body(std::integral_constant<int, 1>());
}

}  // namespace tern::kernels::cuda
