// planted_mistakes NAME ORDER: runs one of the kernels below, most of which do something that a sanitizer
// reports, with the threads in the order of that number.
#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "emulation/grid.h"
#include "emulation/tests/reverse.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/ptx.cuh"

namespace tern::kernels::cuda {
namespace {

constexpr int kThreads = test::kReverseThreads;

// The last thread writes the last element, or one past it. By a pointer, as UndefinedBehaviorSanitizer knows
// the bounds of an array that is named.
template <int kPast>
__global__ void write_static_shared_kernel(int*) {
  TERN_SHARED(int, first, kThreads);
  TERN_SHARED(int, second, kThreads);
  volatile int* const element = first + threadIdx.x;
  second[threadIdx.x] = 0;
  element[kPast] = 1;
}

template <int kPast>
__global__ void write_dynamic_shared_kernel(int*) {
  TERN_DYNAMIC_SHARED(memory);
  volatile int* const element = reinterpret_cast<int*>(memory) + threadIdx.x;
  element[kPast] = 1;
}

template <int kPast>
__global__ void write_device_memory_kernel(int* x) {
  volatile int* const element = x + threadIdx.x;
  element[kPast] = 1;
}

// Loads four elements at once, from an element whose number has to be a multiple of four.
template <int kFirst>
__global__ void load_vector_kernel(int* x) {
  const int4 four = *reinterpret_cast<const int4*>(x + kFirst);
  x[0] = four.x + four.y + four.z + four.w;
}

// A copy of the last 16 bytes, or of the next.
template <int kPastSource, int kPastDestination>
__global__ void async_copy_kernel(int* x) {
  TERN_SHARED(int, shared, kThreads);
  if (threadIdx.x > 0) return;
  int* const to = shared + kThreads - 4;
  cp_async_16(to + 4 * kPastDestination, x + kThreads - 4 + 4 * kPastSource, true);
  cp_async_commit();
  cp_async_wait<0>();
}

// Each round writes what another thread may still be reading in the round before: right in many orders of
// threads.
template <bool kBarrier>
__global__ void rotate_twice_kernel(int* x) {
  TERN_SHARED(int, shared, kThreads);
  for (int round = 0; round < 2; ++round) {
    shared[threadIdx.x] = x[threadIdx.x];
    sync_block();
    x[threadIdx.x] = shared[(threadIdx.x + 1) % kThreads];
    if (kBarrier) sync_block();
  }
}

// Neighbours talk through shared memory, with a barrier of the warp or a mere shuffle between.
template <bool kBarrier>
__global__ void swap_neighbours_kernel(int* x) {
  TERN_SHARED(int, shared, kThreads);
  shared[threadIdx.x] = x[threadIdx.x];
  if (kBarrier) {
    sync_warp();
  } else {
    shuffle(0, 0);
  }
  x[threadIdx.x] = shared[threadIdx.x ^ 1];
}

// Reads what a copy writes without waiting for the block.
template <bool kBarrier>
__global__ void read_copied_kernel(int* x) {
  TERN_SHARED(int4, shared, kThreads / 4);
  if (threadIdx.x < kThreads / 4) cp_async_16(&shared[threadIdx.x], x + 4 * threadIdx.x, true);
  cp_async_commit();
  cp_async_wait<0>();
  if (kBarrier) sync_block();
  const int seen = reinterpret_cast<const int*>(shared)[kThreads - 1 - threadIdx.x];
  sync_block();
  x[threadIdx.x] = seen;
}

// Every block adds to the same place, atomically or not.
template <bool kAtomic>
__global__ void sum_blocks_kernel(int* x) {
  sync_block();
  if (threadIdx.x != 0) return;
  if (kAtomic) {
    atomic_add(x, 1);
  } else {
    *x += 1;
  }
}

/// Two kernels one after another, with the host's own accesses before, between and after.
template <void (*Kernel)(int*), int kBlocks = 1>
void launch() {
  constexpr std::size_t kBytes = kThreads * sizeof(int);
  int* x = nullptr;
  if (cudaMalloc(&x, kBytes) != cudaSuccess) std::abort();
  for (int repeat = 0; repeat < 2; ++repeat) {
    cudaMemset(x, 0, kBytes);
    TERN_LAUNCH(Kernel, {kBlocks, kThreads, kBytes}, x);
  }
  cudaFree(x);
}

const std::map<std::string, void (*)()> kPrograms{
    {"static shared memory: up to the end", launch<write_static_shared_kernel<0>>},
    {"static shared memory: past the end", launch<write_static_shared_kernel<1>>},
    {"dynamic shared memory: up to the end", launch<write_dynamic_shared_kernel<0>>},
    {"dynamic shared memory: past the end", launch<write_dynamic_shared_kernel<1>>},
    {"device memory: up to the end", launch<write_device_memory_kernel<0>>},
    {"device memory: past the end", launch<write_device_memory_kernel<1>>},
    {"vector load: aligned", launch<load_vector_kernel<4>>},
    {"vector load: not aligned", launch<load_vector_kernel<2>>},
    {"async copy: up to the end", launch<async_copy_kernel<0, 0>>},
    {"async copy: source past the end", launch<async_copy_kernel<1, 0>>},
    {"async copy: destination past the end", launch<async_copy_kernel<0, 1>>},
    {"reverse: with a barrier", launch<test::reverse_kernel<true>>},
    {"reverse: without", launch<test::reverse_kernel<false>>},
    {"rotate twice: with a barrier", launch<rotate_twice_kernel<true>>},
    {"rotate twice: without", launch<rotate_twice_kernel<false>>},
    {"swap neighbours: with a barrier", launch<swap_neighbours_kernel<true>>},
    {"swap neighbours: without", launch<swap_neighbours_kernel<false>>},
    {"read what was copied: with a barrier", launch<read_copied_kernel<true>>},
    {"read what was copied: without", launch<read_copied_kernel<false>>},
    {"sum over blocks: atomic", launch<sum_blocks_kernel<true>, 4>},
    {"sum over blocks: not atomic", launch<sum_blocks_kernel<false>, 4>},
};

}  // namespace
}  // namespace tern::kernels::cuda

int main(int argc, char** argv) {
  using namespace tern;
  if (argc != 3 || kernels::cuda::kPrograms.count(argv[1]) == 0) {
    std::fprintf(stderr, "usage: planted_mistakes NAME ORDER\n");
    return EXIT_FAILURE;
  }
  emulation::set_order(static_cast<emulation::Order>(std::atoi(argv[2])));
  kernels::cuda::kPrograms.at(argv[1])();
  return EXIT_SUCCESS;
}
