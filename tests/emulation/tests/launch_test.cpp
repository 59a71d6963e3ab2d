#include "tern/kernels/cuda/launch.cuh"

#include "emulation/device_limits.h"
#include "emulation/grid.h"
#include "tern/kernels/cuda/device.cuh"
#include "tests/support/catch.h"

namespace tern::kernels::cuda {
namespace {

__global__ void empty_kernel() {}

__global__ void large_static_kernel() {
  TERN_SHARED(char, array, 48 * 1024);
  array[threadIdx.x] = 0;
}

__global__ void too_large_static_kernel() {
  TERN_SHARED(char, first, 48 * 1024);
  TERN_SHARED(char, second, 1);
  first[0] = second[0] = 0;
}

void launch_empty(const LaunchShape& shape) {
  TERN_LAUNCH(empty_kernel, shape);
}

TEST_CASE("emulation: shapes that no GPU launches are errors") {
  using Catch::Contains;
  CHECK_NOTHROW(launch_empty({dim3(300, 2, 3), dim3(1)}));
  CHECK_THROWS_WITH(launch_empty({dim3(1, 65536), dim3(1)}), Contains("more blocks"));
  CHECK_NOTHROW(launch_empty({dim3(1), dim3(16, 64)}));
  CHECK_THROWS_WITH(launch_empty({dim3(1), dim3(1025)}), Contains("more threads"));
  CHECK_THROWS_WITH(launch_empty({dim3(1), dim3(1, 1, 65)}), Contains("more threads"));
  CHECK_THROWS_WITH(launch_empty({dim3(0), dim3(1)}), Contains("empty"));
}

TEST_CASE("emulation: shared memory is limited") {
  using Catch::Contains;
  constexpr std::size_t kMost = emulation::kMaxSharedBytes;
  CHECK_NOTHROW(launch_empty({dim3(1), dim3(1), kMost}));
  CHECK_THROWS_WITH(launch_empty({dim3(1), dim3(1), kMost + 1}), Contains("more shared memory"));
  CHECK_NOTHROW(TERN_LAUNCH(large_static_kernel, {1, 32}));
  CHECK_THROWS_WITH(TERN_LAUNCH(large_static_kernel, {1, 32, kMost}), Contains("more shared memory"));
  CHECK_THROWS_WITH(TERN_LAUNCH(too_large_static_kernel, {1, 32}), Contains("more shared memory"));
}

}  // namespace
}  // namespace tern::kernels::cuda
