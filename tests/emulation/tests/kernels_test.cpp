// Kernels that keep the rules, in every order of their threads.
#include <numeric>
#include <vector>

#include "emulation/tests/orders.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tests/support/catch.h"

namespace tern::kernels::cuda {
namespace {

template <int kThreads>
__global__ void sum_kernel(const int* x, int* sums) {
  TERN_SHARED(int, partial, kThreads);
  const int thread = static_cast<int>(threadIdx.x);
  partial[thread] = x[blockIdx.x * kThreads + threadIdx.x];
  sync_block();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (thread < half) partial[thread] += partial[thread + half];
    sync_block();
  }
  if (thread == 0) sums[blockIdx.x] = partial[0];
}

TEST_CASE("emulation: a tree reduction in shared memory") {
  test::each_thread_order();
  constexpr int kBlocks = 3, kThreads = 64;
  std::vector<int> x(kBlocks * kThreads), sums(kBlocks);
  std::iota(x.begin(), x.end(), 0);
  TERN_LAUNCH(sum_kernel<kThreads>, {kBlocks, kThreads}, x.data(), sums.data());
  for (int block = 0; block < kBlocks; ++block) {
    const auto first = x.begin() + block * kThreads;
    CHECK(sums[static_cast<std::size_t>(block)] == std::accumulate(first, first + kThreads, 0));
  }
}

// (rows, columns) -> (columns, rows), in tiles of a block, through dynamic shared memory.
__global__ void transpose_kernel(const float* x, float* y, int rows, int columns) {
  TERN_DYNAMIC_SHARED(memory);
  float* const tile = reinterpret_cast<float*>(memory);
  const int size = static_cast<int>(blockDim.x), stride = size + 1;
  const int tx = static_cast<int>(threadIdx.x), ty = static_cast<int>(threadIdx.y);
  const int row = static_cast<int>(blockIdx.y) * size, column = static_cast<int>(blockIdx.x) * size;
  if (row + ty < rows && column + tx < columns) {
    tile[ty * stride + tx] = x[(row + ty) * columns + column + tx];
  }
  sync_block();
  if (row + tx < rows && column + ty < columns) {
    y[(column + ty) * rows + row + tx] = tile[tx * stride + ty];
  }
}

TEST_CASE("emulation: a transpose in tiles of dynamic shared memory") {
  test::each_thread_order();
  constexpr int kRows = 21, kColumns = 19, kTile = 8;
  std::vector<float> x(kRows * kColumns), y(x.size());
  std::iota(x.begin(), x.end(), 0.0F);
  const dim3 grid(blocks_for(kColumns, kTile), blocks_for(kRows, kTile));
  TERN_LAUNCH(transpose_kernel, {grid, dim3(kTile, kTile), kTile * (kTile + 1) * sizeof(float)}, x.data(),
              y.data(), kRows, kColumns);
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t column = 0; column < kColumns; ++column) {
      REQUIRE(y[column * kRows + row] == x[row * kColumns + column]);
    }
  }
}

struct LaneResults {
  int sum, from_five, above, odd_lanes;
};

__global__ void warp_kernel(LaneResults* results) {
  const int lane = lane_index();
  LaneResults& result = results[threadIdx.x];
  result.sum = warp_sum(lane + 100 * warp_index());
  result.from_five = shuffle(static_cast<int>(threadIdx.x), 5);
  result.above = shuffle_down(lane, 3);
  result.odd_lanes = static_cast<int>(ballot(lane % 2 == 1));
}

TEST_CASE("emulation: shuffles and votes see the whole warp") {
  test::each_thread_order();
  std::vector<LaneResults> results(96);
  TERN_LAUNCH(warp_kernel, {1, dim3(96)}, results.data());
  for (int thread = 0; thread < 96; ++thread) {
    const LaneResults& result = results[static_cast<std::size_t>(thread)];
    const int lane = thread % 32, warp = thread / 32;
    CHECK(result.sum == 31 * 16 + 32 * 100 * warp);
    CHECK(result.from_five == 32 * warp + 5);
    CHECK(result.above == (lane + 3 < 32 ? lane + 3 : lane));  // beyond the warp there is only the lane's own
    CHECK(static_cast<unsigned>(result.odd_lanes) == 0xaaaaaaaaU);
  }
}

__global__ void count_kernel(std::uint64_t* count, int* bits) {
  atomic_add(count, threadIdx.x);
  atomic_or(bits, 1 << (threadIdx.x % 16));
}

TEST_CASE("emulation: integer atomics") {
  test::each_thread_order();
  std::uint64_t count = 1;
  int bits = 0;
  TERN_LAUNCH(count_kernel, {dim3(2, 2, 2), dim3(40)}, &count, &bits);
  CHECK(count == 1 + 8 * (39 * 40 / 2));
  CHECK(bits == 0xffff);
}

__global__ void note_order_kernel(int* next, int* order) {
  order[__atomic_fetch_add(next, 1, __ATOMIC_RELAXED)] = static_cast<int>(threadIdx.x);
}

TEST_CASE("emulation: threads run in the order that was set") {
  constexpr int kThreads = 50;
  const auto order_of = [](emulation::Order order) {
    emulation::set_order(order);
    int next = 0;
    std::vector<int> threads(kThreads);
    TERN_LAUNCH(note_order_kernel, {1, dim3(kThreads)}, &next, threads.data());
    return threads;
  };
  std::vector<int> sorted(kThreads);
  std::iota(sorted.begin(), sorted.end(), 0);
  CHECK(order_of(emulation::Order::forward) == sorted);
  CHECK(order_of(emulation::Order::reverse) == std::vector<int>(sorted.rbegin(), sorted.rend()));
  std::vector<int> shuffled = order_of(emulation::Order::shuffled);
  CHECK(shuffled != sorted);
  CHECK(shuffled == order_of(emulation::Order::shuffled));
  std::sort(shuffled.begin(), shuffled.end());
  CHECK(shuffled == sorted);
}

}  // namespace
}  // namespace tern::kernels::cuda
