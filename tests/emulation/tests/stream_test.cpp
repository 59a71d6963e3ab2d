#include "emulation/stream.h"

#include "tests/support/catch.h"

namespace tern::emulation {
namespace {

/// A byte in page-locked memory on its way to the device.
struct PendingByte {
  PendingByte() {
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
    cudaMallocHost(&host, 1);
    cudaMalloc(&device, 1);
    *static_cast<char*>(host) = 'x';
    cudaMemcpyAsync(device, host, 1, cudaMemcpyHostToDevice, stream);
  }
  ~PendingByte() {
    cudaStreamSynchronize(stream);
    cudaStreamDestroy(stream);
    cudaStreamDestroy(other);
    cudaFreeHost(host);
    cudaFree(device);
  }
  bool arrived() const { return *static_cast<char*>(device) == 'x'; }

  cudaStream_t stream = nullptr, other = nullptr;
  void *host = nullptr, *device = nullptr;
};

TEST_CASE(
    "emulated streams: a copy from page-locked memory happens when its stream is waited for, not before") {
  PendingByte byte;
  CHECK_FALSE(byte.arrived());
  cudaStreamSynchronize(byte.other);
  CHECK_FALSE(byte.arrived());
  cudaStreamSynchronize(byte.stream);
  CHECK(byte.arrived());
}

TEST_CASE("emulated streams: an event waits for the copies before it and for no later one") {
  PendingByte byte;
  cudaEvent_t before = nullptr, after = nullptr;
  cudaEventCreate(&before);
  cudaEventCreate(&after);
  cudaEventRecord(before, byte.other);
  cudaEventRecord(after, byte.stream);
  cudaEventSynchronize(before);
  CHECK_FALSE(byte.arrived());
  SECTION("the host waits") {
    cudaEventSynchronize(after);
  }
  SECTION("another stream waits") {
    cudaStreamWaitEvent(byte.other, after);
  }
  CHECK(byte.arrived());
  cudaEventDestroy(before);
  cudaEventDestroy(after);
}

TEST_CASE("emulated streams: what was written to the host's memory before the wait is what arrives") {
  PendingByte byte;
  *static_cast<char*>(byte.host) = 'y';
  cudaStreamSynchronize(byte.stream);
  CHECK(*static_cast<char*>(byte.device) == 'y');
}

TEST_CASE(
    "emulated streams: later work on the stream comes after the copy, and pageable memory does not wait") {
  PendingByte byte;
  cudaMemsetAsync(byte.device, 'z', 1, byte.stream);
  CHECK(*static_cast<char*>(byte.device) == 'z');
  const char pageable = 'p';
  cudaMemcpyAsync(byte.device, &pageable, 1, cudaMemcpyHostToDevice, byte.stream);
  CHECK(*static_cast<char*>(byte.device) == 'p');
}

}  // namespace
}  // namespace tern::emulation
