// One thread per element: for_each_element(n, f) calls f(i) for 0 <= i < n on the device, in no order;
// for_each_vector<Width>(n, f) calls f.at<Width>(i) for Width elements from i on, and f.at<1>(i) for those
// left over; for_each_coordinates({n, h, w, c}, f) calls f(i, at) with the coordinates of element i beside
// it.
#pragma once

#include <algorithm>

#include "tern/core/host_device.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/vector.cuh"

namespace tern::kernels::cuda {

constexpr int kElementwiseBlock = 256;

/// Grids are capped at several times what the largest GPUs run at once: threads go on to further elements.
inline LaunchShape elementwise_shape(std::int64_t elements) {
  constexpr std::int64_t kMaxBlocks = 4096;
  const std::int64_t blocks = (elements - 1) / kElementwiseBlock + 1;
  return {dim3(static_cast<unsigned>(blocks < kMaxBlocks ? blocks : kMaxBlocks)), dim3(kElementwiseBlock)};
}

template <class F>
__global__ void __launch_bounds__(kElementwiseBlock) for_each_element_kernel(std::int64_t n, F f) {
  for (std::int64_t i = thread_in_grid(); i < n; i += threads_in_grid()) f(i);
}

/// `f` is a copyable function object void(std::int64_t) whose call is marked __device__.
template <class F>
void for_each_element(std::int64_t n, F f) {
  if (n == 0) return;
  TERN_LAUNCH(for_each_element_kernel<F>, elementwise_shape(n), n, f);
}

template <int Width, class F>
__global__ void __launch_bounds__(kElementwiseBlock) for_each_vector_kernel(std::int64_t n, F f) {
  const std::int64_t vectors = n / Width;
  for (std::int64_t i = thread_in_grid(); i < vectors; i += threads_in_grid())
    f.template at<Width>(i * Width);
  const std::int64_t last = vectors * Width + thread_in_grid();
  if (last < n) f.template at<1>(last);
}

/// Elements of these types that fit into the 16 bytes of the widest access.
template <class... Elements>
constexpr int kVectorWidth = static_cast<int>(16 / std::max({sizeof(Elements)...}));

/// `f` is a copyable object with `template <int Width> __device__ void at(std::int64_t) const`. Tensors begin
/// at addresses that vectors may have.
template <int Width, class F>
void for_each_vector(std::int64_t n, F f) {
  if (n == 0) return;
  TERN_LAUNCH((for_each_vector_kernel<Width, F>), elementwise_shape((n + Width - 1) / Width), n, f);
}

/// Coordinates of an element of a tensor, or its extents, outermost first.
template <int Rank>
struct Coordinates {
  std::int64_t at[Rank];

  TERN_HOST_DEVICE std::int64_t operator[](int d) const { return at[d]; }
};

/// The coordinates of element `i`; the outermost one has no bound.
template <int Rank>
TERN_HOST_DEVICE Coordinates<Rank> coordinates_of(std::int64_t i, const Coordinates<Rank>& extents) {
  Coordinates<Rank> result;
  for (int d = Rank - 1; d > 0; --d) {
    result.at[d] = i % extents[d];
    i /= extents[d];
  }
  result.at[0] = i;
  return result;
}

// A division of 64-bit integers takes longer than a memory-bound kernel has for an element. So a thread
// divides once, and then adds `step`, the coordinates of threads_in_grid(), with carries.
template <int Rank, class F>
__global__ void __launch_bounds__(kElementwiseBlock)
    for_each_coordinates_kernel(Coordinates<Rank> extents, Coordinates<Rank> step, F f) {
  Coordinates<Rank> position = coordinates_of(thread_in_grid(), extents);
  for (std::int64_t i = thread_in_grid(); position[0] < extents[0]; i += threads_in_grid()) {
    f(i, position);
    for (int d = Rank - 1; d >= 0; --d) {
      position.at[d] += step[d];
      if (d == 0 || position[d] < extents[d]) continue;
      position.at[d] -= extents[d];
      ++position.at[d - 1];
    }
  }
}

/// `f` is a copyable function object void(std::int64_t, const Coordinates<Rank>&) whose call is marked
/// __device__.
template <int Rank, class F>
void for_each_coordinates(const std::int64_t (&extents)[Rank], F f) {
  Coordinates<Rank> shape;
  std::int64_t elements = 1;
  for (int d = 0; d < Rank; ++d) elements *= shape.at[d] = extents[d];
  if (elements == 0) return;
  const LaunchShape launch = elementwise_shape(elements);
  TERN_LAUNCH((for_each_coordinates_kernel<Rank, F>), launch, shape,
              coordinates_of(std::int64_t{launch.grid.x} * kElementwiseBlock, shape), f);
}

}  // namespace tern::kernels::cuda
