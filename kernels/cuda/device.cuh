// What device code may use of a block and of a warp: shared memory, barriers, shuffles, votes, integer
// atomics. Kernels reach them only through these names, so that the emulated build can stand in for each
// (tests/emulation/README.md says what it checks).
//
// All warp operations take part of the whole warp: every one of the 32 threads has to arrive. Blocks are
// multiples of 32 threads where a kernel uses them.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#ifdef TERN_EMULATED_CUDA
#include "emulation/device.h"
#else

/// TERN_SHARED(float, tile, 32 * 33): an array in shared memory, 16-byte aligned.
#define TERN_SHARED(type, name, count) __shared__ __align__(16) type name[count]
/// TERN_DYNAMIC_SHARED(name): `unsigned char* name`, the launch's dynamic shared memory, 128-byte aligned.
#define TERN_DYNAMIC_SHARED(name) extern __shared__ __align__(128) unsigned char name[]

namespace tern::kernels::cuda {

constexpr unsigned kAllLanes = 0xffffffffU;

__device__ __forceinline__ void sync_block() {
  __syncthreads();
}
__device__ __forceinline__ void sync_warp() {
  __syncwarp();
}

/// The value of lane `lane` ^ `mask`, of a lane further up, or of lane `source`.
template <class T>
__device__ __forceinline__ T shuffle_xor(T value, int mask) {
  return __shfl_xor_sync(kAllLanes, value, mask);
}
template <class T>
__device__ __forceinline__ T shuffle_down(T value, int delta) {
  return __shfl_down_sync(kAllLanes, value, delta);
}
template <class T>
__device__ __forceinline__ T shuffle(T value, int source) {
  return __shfl_sync(kAllLanes, value, source);
}

/// Bit i: the predicate of lane i.
__device__ __forceinline__ unsigned ballot(bool predicate) {
  return __ballot_sync(kAllLanes, predicate);
}

/// Integer atomics: sums of integers do not depend on the order. There are none on floats, because theirs do.
__device__ __forceinline__ void atomic_add(std::uint64_t* address, std::uint64_t value) {
  atomicAdd(reinterpret_cast<unsigned long long*>(address), static_cast<unsigned long long>(value));
}
__device__ __forceinline__ void atomic_add(int* address, int value) {
  atomicAdd(address, value);
}
__device__ __forceinline__ void atomic_or(int* address, int value) {
  atomicOr(address, value);
}

}  // namespace tern::kernels::cuda

#endif

/// Before a loop with a constant number of turns whose arrays have to stay in registers.
#ifdef __CUDACC__
#define TERN_UNROLL _Pragma("unroll")
#else
#define TERN_UNROLL
#endif

namespace tern::kernels::cuda {

constexpr int kWarpSize = 32;

__device__ __forceinline__ int lane_index() {
  return static_cast<int>(threadIdx.x % kWarpSize);
}
__device__ __forceinline__ int warp_index() {
  return static_cast<int>(threadIdx.x / kWarpSize);
}

/// The sum over the warp, in every lane, in a fixed order: a butterfly.
template <class T>
__device__ __forceinline__ T warp_sum(T value) {
  for (int mask = kWarpSize / 2; mask > 0; mask /= 2) value += shuffle_xor(value, mask);
  return value;
}

/// Number of bits that are one.
__device__ __forceinline__ int population_count(std::uint64_t bits) {
#ifdef __CUDACC__
  return __popcll(bits);
#else
  return __builtin_popcountll(bits);
#endif
}

/// The largest value of the warp, in every lane; NaNs do not take part.
__device__ __forceinline__ float warp_max(float value) {
  for (int mask = kWarpSize / 2; mask > 0; mask /= 2) {
    const float other = shuffle_xor(value, mask);
    value = other > value ? other : value;
  }
  return value;
}

/// Index of the thread in a one-dimensional grid, and the number of threads in it.
__device__ __forceinline__ std::int64_t thread_in_grid() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ __forceinline__ std::int64_t threads_in_grid() {
  return static_cast<std::int64_t>(gridDim.x) * blockDim.x;
}

}  // namespace tern::kernels::cuda
