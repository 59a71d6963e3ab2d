// A kernel that reverses its block's elements through shared memory, with or without the barrier that it
// takes.
#pragma once

#include "tern/kernels/cuda/device.cuh"

namespace tern::test {

constexpr int kReverseThreads = 64;

template <bool kBarrier>
__global__ void reverse_kernel(int* x) {
  TERN_SHARED(int, shared, kReverseThreads);
  shared[threadIdx.x] = x[threadIdx.x];
  if (kBarrier) kernels::cuda::sync_block();
  x[threadIdx.x] = shared[kReverseThreads - 1 - threadIdx.x];
}

}  // namespace tern::test
