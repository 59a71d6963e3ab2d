// The runtime API, where it says no.
#include <cuda_runtime.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace {

TEST_CASE("emulation: device memory ends, and comes back when it is freed") {
  std::size_t free = 0, total = 0, now = 0;
  REQUIRE(cudaMemGetInfo(&free, &total) == cudaSuccess);
  void* memory = nullptr;
  CHECK(cudaMalloc(&memory, free + 1) == cudaErrorMemoryAllocation);
  CHECK(memory == nullptr);
  CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
  CHECK(cudaGetLastError() == cudaSuccess);
  CHECK(cudaMalloc(&memory, std::numeric_limits<std::size_t>::max()) == cudaErrorMemoryAllocation);

  REQUIRE(cudaMalloc(&memory, 1000) == cudaSuccess);
  cudaMemGetInfo(&now, &total);
  CHECK(now == free - 1000);
  CHECK(cudaFree(memory) == cudaSuccess);
  CHECK(cudaFree(memory) == cudaErrorInvalidValue);
  cudaMemGetInfo(&now, &total);
  CHECK(now == free);
}

TEST_CASE("emulation: a copy in the wrong direction is an error") {
  std::vector<int> host(16, 3);
  const std::size_t bytes = host.size() * sizeof(int);
  int* device = nullptr;
  REQUIRE(cudaMalloc(&device, bytes) == cudaSuccess);
  CHECK(cudaMemcpy(device, host.data(), bytes, cudaMemcpyHostToDevice) == cudaSuccess);
  CHECK(cudaMemcpy(device, host.data(), bytes, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(host.data(), device, bytes, cudaMemcpyDeviceToDevice) == cudaErrorInvalidValue);
  CHECK(cudaMemset(host.data(), 0, bytes) == cudaErrorInvalidValue);
  CHECK(cudaMemset(device, 0, bytes) == cudaSuccess);
  CHECK(cudaMemcpy(host.data(), device, bytes, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(host == std::vector<int>(16, 0));
  cudaFree(device);
}

TEST_CASE("emulation: there are as many devices as the environment says") {
  int count = 0;
  CHECK(cudaGetDeviceCount(&count) == cudaSuccess);
  CHECK(count == 2);
  cudaDeviceProp properties;
  CHECK(cudaGetDeviceProperties(&properties, 1) == cudaSuccess);
  CHECK(std::string(properties.name) == "emulated");
  CHECK(cudaGetDeviceProperties(&properties, 2) == cudaErrorInvalidDevice);
  CHECK(cudaSetDevice(2) == cudaErrorInvalidDevice);
  CHECK(std::string(cudaGetErrorName(cudaGetLastError())) == "cudaErrorInvalidDevice");
}

}  // namespace
