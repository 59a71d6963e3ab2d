// Reads of memory that nobody has written. For accesses past an end see sanitizer_test.cpp.
#include <cuda_runtime.h>

#include <cstdint>
#include <vector>

#include "emulation/tests/orders.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tests/support/catch.h"

namespace tern::kernels::cuda {
namespace {

struct Uninitialised {
  std::uint32_t in_static, in_dynamic, in_device;
};

__global__ void read_uninitialised_kernel(const std::uint32_t* x, Uninitialised* seen) {
  TERN_SHARED(std::uint32_t, array, 32);
  TERN_DYNAMIC_SHARED(memory);
  auto* const words = reinterpret_cast<std::uint32_t*>(memory);
  seen[blockIdx.x * 32 + threadIdx.x] = {array[threadIdx.x], words[threadIdx.x], x[threadIdx.x]};
  array[threadIdx.x] = words[threadIdx.x] = 7;  // the next block must not see it
}

TEST_CASE("emulation: memory that nobody has written holds 0xCD in every block") {
  test::each_thread_order();
  std::uint32_t* x = nullptr;
  REQUIRE(cudaMalloc(&x, 32 * sizeof(*x)) == cudaSuccess);
  std::vector<Uninitialised> seen(2 * 32);
  TERN_LAUNCH(read_uninitialised_kernel, {2, 32, 32 * sizeof(std::uint32_t)}, x, seen.data());
  for (const Uninitialised& each : seen) {
    CHECK(each.in_static == 0xcdcdcdcdU);
    CHECK(each.in_dynamic == 0xcdcdcdcdU);
    CHECK(each.in_device == 0xcdcdcdcdU);
  }
  cudaFree(x);
}

}  // namespace
}  // namespace tern::kernels::cuda
