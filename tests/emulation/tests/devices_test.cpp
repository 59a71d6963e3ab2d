// Several devices. The case in runtime_test.cpp that counts them relies on the number here, too.
#include "emulation/devices.h"

#include <cstdlib>

#include "emulation/stream.h"
#include "tern/kernels/cuda/launch.cuh"
#include "tests/support/catch.h"

namespace tern::emulation {
namespace {

using Catch::Contains;

[[maybe_unused]] const int kTwoDevices = setenv("TERN_EMULATED_DEVICES", "2", 0);

void write_kernel(int* x) {
  *x = 7;
}

/// An int in the memory of device 1 and a stream there; device 0 is current again.
struct OnDevice1 {
  OnDevice1() {
    cudaSetDevice(1);
    cudaMalloc(&memory, sizeof(int));
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    cudaSetDevice(0);
  }
  ~OnDevice1() {
    cudaSetDevice(0);
    cudaStreamDestroy(stream);
    cudaFree(memory);
  }

  int* memory = nullptr;
  cudaStream_t stream = nullptr;
};

TEST_CASE("emulated devices: memory belongs to the device on which it was allocated") {
  std::size_t before = 0, after = 0, total = 0;
  cudaMemGetInfo(&before, &total);
  const OnDevice1 other;
  cudaMemGetInfo(&after, &total);
  CHECK(after == before);
  CHECK(device_of(other.memory) == 1);
  CHECK(device_of(&total) == kNoDevice);
}

TEST_CASE("emulated devices: a copy on one device refuses memory of another") {
  const OnDevice1 other;
  int host = 3;
  CHECK(cudaMemcpy(other.memory, &host, sizeof host, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  CHECK(cudaMemset(other.memory, 0, sizeof host) == cudaErrorInvalidValue);
  cudaGetLastError();
  CHECK(cudaMemcpyAsync(other.memory, &host, sizeof host, cudaMemcpyHostToDevice, other.stream) ==
        cudaSuccess);
  CHECK(*other.memory == 3);
}

TEST_CASE("emulated devices: a kernel refuses a pointer to another device's memory") {
  const OnDevice1 other;
  CHECK_THROWS_WITH(TERN_LAUNCH(write_kernel, {1, 1}, other.memory),
                    Contains("write_kernel: is launched on device 0 with a pointer to memory of device 1"));
  cudaSetDevice(1);
  TERN_LAUNCH(write_kernel, {1, 1}, other.memory);
  CHECK(*other.memory == 7);
}

TEST_CASE("emulated devices: an event is recorded on streams of its own device") {
  const OnDevice1 other;
  cudaEvent_t event = nullptr;
  cudaEventCreate(&event);
  CHECK(cudaEventRecord(event, other.stream) == cudaErrorInvalidResourceHandle);
  cudaGetLastError();
  cudaEventDestroy(event);
}

TEST_CASE("shuffled streams: to wait for one device is not to wait for another") {
  int wrong = 0;
  for (std::uint64_t seed = 1; seed <= 32; ++seed) {
    const OnDevice1 other;
    *other.memory = 0;
    shuffle_streams(seed);
    cudaMemsetAsync(other.memory, 1, sizeof(int), other.stream);
    cudaDeviceSynchronize();
    wrong += *other.memory == 0;
    cudaSetDevice(1);
    cudaDeviceSynchronize();
    CHECK(*other.memory != 0);
    shuffle_streams(0);
  }
  CHECK(wrong > 0);
}

TEST_CASE("emulated streams: a wait for a device is one for the copies of its streams") {
  const OnDevice1 other;
  void* host = nullptr;
  cudaMallocHost(&host, sizeof(int));
  *static_cast<int*>(host) = 5;
  *other.memory = 0;
  cudaMemcpyAsync(other.memory, host, sizeof(int), cudaMemcpyHostToDevice, other.stream);
  cudaDeviceSynchronize();
  CHECK(*other.memory == 0);
  cudaSetDevice(1);
  cudaDeviceSynchronize();
  CHECK(*other.memory == 5);
  cudaFreeHost(host);
}

TEST_CASE("emulated streams: an event is not ready before work on another device has come to its end") {
  cudaStream_t stream = nullptr;
  cudaEvent_t event = nullptr;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  cudaEventCreate(&event);
  bool arrived = false;
  add_work(stream, [&arrived] { return arrived; });
  cudaEventRecord(event, stream);
  CHECK(cudaEventQuery(event) == cudaErrorNotReady);
  arrived = true;
  CHECK(cudaEventQuery(event) == cudaSuccess);
  cudaGetLastError();
  cudaEventDestroy(event);
  cudaStreamDestroy(stream);
}

}  // namespace
}  // namespace tern::emulation
