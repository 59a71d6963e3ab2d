// Planted mistakes with control flow: threads that do not come where others wait for them.
#include <stdexcept>
#include <string>

#include "emulation/tests/orders.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tests/support/catch.h"

namespace tern::kernels::cuda {
namespace {

using Catch::Contains;

// One thread takes another barrier than the rest.
constexpr int kTwoBarriers = __LINE__;
__global__ void two_barriers_kernel() {
  if (threadIdx.x == 5) {
    sync_block();
  } else {
    sync_block();
  }
}

__global__ void return_before_barrier_kernel() {
  if (threadIdx.x == 5) return;
  sync_block();
}

constexpr int kTwoShuffles = __LINE__;
__global__ void two_shuffles_kernel(int* result) {
  if (threadIdx.x < 8) {
    *result = shuffle(1, 0);
  } else {
    *result = shuffle(2, 0);
  }
}

__global__ void half_a_warp_kernel(int* result) {
  if (lane_index() < 16) *result = warp_sum(1);
}

__global__ void warp_against_block_kernel() {
  if (threadIdx.x == 40) {
    sync_block();
  } else {
    sync_warp();
  }
}

__global__ void throwing_kernel() {
  if (threadIdx.x == 5) throw std::runtime_error("no such luck");
  sync_block();
}

std::string here(int line) {
  return "divergence_test.cpp:" + std::to_string(line);
}

TEST_CASE("emulation: threads at two barriers are an error that names both") {
  test::each_thread_order();
  CHECK_THROWS_WITH(TERN_LAUNCH(two_barriers_kernel, {1, 64}),
                    Contains("kernel two_barriers_kernel, block (0, 0, 0), thread (") &&
                        Contains("divergent barrier") && Contains(here(kTwoBarriers + 3)) &&
                        Contains(here(kTwoBarriers + 5)));
}

TEST_CASE("emulation: a barrier that one thread never reaches is an error") {
  test::each_thread_order();
  CHECK_THROWS_WITH(
      TERN_LAUNCH(return_before_barrier_kernel, {1, 64}),
      Contains("divergent barrier") && Contains("waits at") && Contains("thread (5, 0, 0) has returned"));
}

TEST_CASE("emulation: warp operations that part of the warp does not come to are errors") {
  test::each_thread_order();
  int result = 0;
  CHECK_THROWS_WITH(TERN_LAUNCH(two_shuffles_kernel, {1, 32}, &result),
                    Contains("divergent warp operation") && Contains(here(kTwoShuffles + 3)) &&
                        Contains(here(kTwoShuffles + 5)));
  CHECK_THROWS_WITH(TERN_LAUNCH(half_a_warp_kernel, {1, 32}, &result),
                    Contains("divergent warp operation") && Contains("has returned"));
  CHECK_THROWS_WITH(TERN_LAUNCH(warp_against_block_kernel, {1, 64}),
                    Contains("divergent warp operation") && Contains("thread (40, 0, 0) waits at"));
  CHECK_THROWS_WITH(TERN_LAUNCH(half_a_warp_kernel, {1, 48}, &result), Contains("whole warps"));
}

TEST_CASE("emulation: what a thread throws comes out with its name, and the next kernel runs") {
  test::each_thread_order();
  CHECK_THROWS_WITH(TERN_LAUNCH(throwing_kernel, {3, 64}), Contains("kernel throwing_kernel, block (") &&
                                                               Contains("thread (5, 0, 0): no such luck"));
  CHECK_NOTHROW(TERN_LAUNCH(throwing_kernel, {3, 5}));
}

}  // namespace
}  // namespace tern::kernels::cuda
