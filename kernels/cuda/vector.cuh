// Neighbouring elements that are loaded and stored at once.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <type_traits>

#include "tern/core/bfloat16.h"

namespace tern::kernels::cuda {

template <class T, int Width>
struct alignas(sizeof(T) * Width) Vector {
  T at[Width];
};

/// `from` is aligned to the size of the vector.
template <int Width, class T>
__device__ __forceinline__ Vector<T, Width> load(const T* from) {
  return *reinterpret_cast<const Vector<T, Width>*>(from);
}
template <int Width, class T>
__device__ __forceinline__ void store(T* to, const Vector<T, Width>& values) {
  *reinterpret_cast<Vector<T, Width>*>(to) = values;
}

/// The same of elements that are computed with as floats.
template <int Width, class T>
__device__ __forceinline__ Vector<float, Width> load_floats(const T* from) {
  const auto elements = load<Width>(from);
  Vector<float, Width> values;
  for (int k = 0; k < Width; ++k) values.at[k] = to_float(elements.at[k]);
  return values;
}
template <int Width, class T>
__device__ __forceinline__ void store_rounded(T* to, const Vector<float, Width>& values) {
  Vector<T, Width> elements;
  for (int k = 0; k < Width; ++k) elements.at[k] = rounded_to<T>(values.at[k]);
  store(to, elements);
}

/// body(std::integral_constant<int, Width>()) with Width = 4 if rows of `length` elements may be read so,
/// else 1.
template <class Body>
void visit_width(std::int64_t length, const Body& body) {
  length % 4 == 0 ? body(std::integral_constant<int, 4>()) : body(std::integral_constant<int, 1>());
}

}  // namespace tern::kernels::cuda
