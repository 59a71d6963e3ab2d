// Planted mistakes with cp.async. tests/kernels/cuda/ptx_test.cu has the right uses.
#include <cuda_runtime.h>

#include <cstdint>
#include <vector>

#include "emulation/tests/orders.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/ptx.cuh"
#include "tests/support/catch.h"

namespace tern::kernels::cuda {
namespace {

using Catch::Contains;

constexpr int kMissing = static_cast<int>(0xcdcdcdcdU);

// Two groups of a copy each; reads both after waiting until `kPending` are under way.
template <int kPending>
__global__ void two_groups_kernel(const int4* from, int* seen) {
  TERN_SHARED(int4, to, 2);
  for (int i = 0; i < 2; ++i) {
    cp_async_16(&to[i], from + i, true);
    cp_async_commit();
  }
  cp_async_wait<kPending>();
  for (int i = 0; i < 2; ++i) seen[i] = to[i].x;
  cp_async_wait<0>();
}

template <int kPending>
std::vector<int> seen_after_wait() {
  const std::vector<int4> from{{1, 1, 1, 1}, {2, 2, 2, 2}};
  std::vector<int> seen(2);
  TERN_LAUNCH(two_groups_kernel<kPending>, {1, 1}, from.data(), seen.data());
  return seen;
}

TEST_CASE("emulation: a copy that has not been waited for has not happened") {
  CHECK(seen_after_wait<0>() == std::vector<int>{1, 2});
  CHECK(seen_after_wait<1>() == std::vector<int>{1, kMissing});
  CHECK(seen_after_wait<2>() == std::vector<int>{kMissing, kMissing});
}

// A copy that no group holds is not waited for.
__global__ void no_commit_kernel(const int4* from, int* seen) {
  TERN_SHARED(int4, to, 1);
  cp_async_16(to, from, true);
  cp_async_wait<0>();
  *seen = to[0].x;
  cp_async_commit();
  cp_async_wait<0>();
}

__global__ void no_wait_kernel(const int4* from) {
  TERN_SHARED(int4, to, 1);
  cp_async_16(to, from, true);
  cp_async_commit();
}

__global__ void offset_kernel(const unsigned char* from, int from_offset, int to_offset) {
  TERN_SHARED(unsigned char, to, 64);
  cp_async_16(to + to_offset, from + from_offset, true);
  cp_async_commit();
  cp_async_wait<0>();
}

TEST_CASE("emulation: a copy without commit is not waited for, and none may outlive its thread") {
  alignas(16) const int4 from{1, 2, 3, 4};
  int seen = 0;
  TERN_LAUNCH(no_commit_kernel, {1, 1}, &from, &seen);
  CHECK(seen == kMissing);
  CHECK_THROWS_WITH(TERN_LAUNCH(no_wait_kernel, {1, 1}, &from), Contains("without waiting for its copies"));
}

TEST_CASE("emulation: asynchronous copies are checked where they are issued") {
  unsigned char* from = nullptr;
  REQUIRE(cudaMalloc(&from, 64) == cudaSuccess);
  CHECK_NOTHROW(TERN_LAUNCH(offset_kernel, {1, 1}, from, 48, 48));
  CHECK_THROWS_WITH(TERN_LAUNCH(offset_kernel, {1, 1}, from, 8, 0),
                    Contains("source is not 16-byte aligned"));
  CHECK_THROWS_WITH(TERN_LAUNCH(offset_kernel, {1, 1}, from, 0, 4),
                    Contains("destination is not 16-byte aligned"));
  cudaFree(from);
}

__global__ void ldmatrix_kernel(int offset) {
  TERN_SHARED(unsigned char, rows, 32 * 16 + 16);
  unsigned registers[4];
  ldmatrix_x4(registers, &rows[lane_index() * 16 + offset]);
}

TEST_CASE("emulation: rows of ldmatrix are aligned") {
  CHECK_NOTHROW(TERN_LAUNCH(ldmatrix_kernel, {1, 32}, 16));
  CHECK_THROWS_WITH(TERN_LAUNCH(ldmatrix_kernel, {1, 32}, 8), Contains("row is not 16-byte aligned"));
}

}  // namespace
}  // namespace tern::kernels::cuda
