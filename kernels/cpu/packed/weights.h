#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "tern/kernels/cpu/packed/kernels.h"

namespace tern::packed {

/// Gives memory from the beginning of a cache line on: vectors of 64 bytes that lie in two lines take two
/// loads.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};

  LineAllocator() = default;
  template <class U>
  LineAllocator(const LineAllocator<U>& /*other*/) {}  // NOLINT: allocators convert

  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kLine)); }
  void deallocate(T* memory, std::size_t /*count*/) { ::operator delete(memory, kLine); }
  bool operator==(const LineAllocator&) const = default;
};

using ArrangedWeights = std::vector<std::uint64_t, LineAllocator<std::uint64_t>>;

/// The weights as these kernels read them, from values in {-1, 0, +1}, or in [-3, 3] for two planes, which
/// nothing checks: (filters, kernel_height, kernel_width, channels).
ArrangedWeights arrange_weights(const Kernels& kernels, const ConvolutionShape& shape,
                                const std::int8_t* values);

/// The same from pairs of words of ternary values: (plane_filters, kernel_height, kernel_width, pairs).
ArrangedWeights arrange_weights(const Kernels& kernels, const ConvolutionShape& shape,
                                const std::uint64_t* pairs);

/// The ternary values of both planes, (plane_filters, kernel_height, kernel_width, channels), of values in
/// [-3, 3]: value = 2 a + b with a = value / 2 cut towards 0. Filters that only fill up a block are 0.
void split_planes(const ConvolutionShape& shape, const std::int8_t* values, std::int8_t* planes);

}  // namespace tern::packed
