#include "emulation/stream.h"

#include <chrono>

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

/// Two streams, two bytes on the device and one in page-locked memory.
struct Bench {
  Bench() {
    cudaStreamCreateWithFlags(&compute, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&copies, cudaStreamNonBlocking);
    cudaMalloc(&first, 1);
    cudaMalloc(&second, 1);
    cudaMallocHost(&host, 1);
    cudaEventCreate(&event);
    cudaMemset(first, 0, 1);
    cudaMemset(second, 0, 1);
    byte() = 0;
  }
  ~Bench() {
    cudaEventDestroy(event);
    cudaFreeHost(host);
    cudaFree(second);
    cudaFree(first);
    cudaStreamDestroy(copies);
    cudaStreamDestroy(compute);
  }
  char& byte() const { return *static_cast<char*>(host); }

  cudaStream_t compute = nullptr, copies = nullptr;
  void *first = nullptr, *second = nullptr, *host = nullptr;
  cudaEvent_t event = nullptr;
};

/// With how many seeds of 32 the program, run with shuffled streams, does not end with 'x' in a byte.
template <class Program>
int wrong_results(const Program& program) {
  int wrong = 0;
  for (std::uint64_t seed = 1; seed <= 32; ++seed) {
    const Bench bench;
    shuffle_streams(seed);
    const void* result = program(bench);
    wrong += *static_cast<const char*>(result) != 'x';
    shuffle_streams(0);
  }
  return wrong;
}

TEST_CASE("shuffled streams: a copy that starts before what it copies is computed") {
  const auto program = [](bool waits) {
    return [waits](const Bench& bench) -> const void* {
      cudaMemsetAsync(bench.first, 'x', 1, bench.compute);
      cudaEventRecord(bench.event, bench.compute);
      if (waits) cudaStreamWaitEvent(bench.copies, bench.event, 0);
      cudaMemcpyAsync(bench.second, bench.first, 1, cudaMemcpyDeviceToDevice, bench.copies);
      cudaStreamSynchronize(bench.copies);
      return bench.second;
    };
  };
  CHECK(wrong_results(program(true)) == 0);
  CHECK(wrong_results(program(false)) > 0);
}

TEST_CASE("shuffled streams: memory of the host that is written again before an event") {
  const auto program = [](bool waits) {
    return [waits](const Bench& bench) -> const void* {
      bench.byte() = 'x';
      cudaMemcpyAsync(bench.first, bench.host, 1, cudaMemcpyHostToDevice, bench.copies);
      cudaEventRecord(bench.event, bench.copies);
      if (waits) cudaEventSynchronize(bench.event);
      bench.byte() = 'y';
      cudaStreamSynchronize(bench.copies);
      return bench.first;
    };
  };
  CHECK(wrong_results(program(true)) == 0);
  CHECK(wrong_results(program(false)) > 0);
}

TEST_CASE(
    "shuffled streams: a result that the host reads without a wait, or behind a wait for another stream") {
  enum class Wait { none, other, right };
  const auto program = [](Wait wait) {
    return [wait](const Bench& bench) -> const void* {
      cudaMemsetAsync(bench.first, 'x', 1, bench.compute);
      cudaMemcpyAsync(bench.host, bench.first, 1, cudaMemcpyDeviceToHost, bench.compute);
      cudaMemsetAsync(bench.second, 'y', 1, bench.copies);
      if (wait == Wait::other) cudaStreamSynchronize(bench.copies);
      if (wait == Wait::right) cudaStreamSynchronize(bench.compute);
      return bench.host;
    };
  };
  CHECK(wrong_results(program(Wait::right)) == 0);
  CHECK(wrong_results(program(Wait::other)) > 0);
  CHECK(wrong_results(program(Wait::none)) > 0);
}

TEST_CASE(
    "shuffled streams: a stream that is destroyed finishes its work, and events of it can be waited for") {
  const auto program = [](const auto& wait) {
    return [wait](const Bench& bench) -> const void* {
      cudaStream_t short_lived = nullptr;
      cudaStreamCreateWithFlags(&short_lived, cudaStreamNonBlocking);
      cudaMemsetAsync(bench.first, 'x', 1, short_lived);
      cudaEventRecord(bench.event, short_lived);
      cudaStreamDestroy(short_lived);
      wait(bench);
      return bench.first;
    };
  };
  CHECK(wrong_results(program([](const Bench& bench) { cudaEventSynchronize(bench.event); })) == 0);
  CHECK(wrong_results(program([](const Bench& bench) {
          cudaStreamWaitEvent(bench.copies, bench.event, 0);
          cudaStreamSynchronize(bench.copies);
        })) == 0);
  CHECK(wrong_results(program([](const Bench&) { cudaDeviceSynchronize(); })) == 0);
  CHECK(wrong_results(program([](const Bench&) {})) > 0);
}

TEST_CASE("shuffled streams: who waits for work that cannot be done yet sleeps") {
  const Bench bench;
  shuffle_streams(1);
  int tries = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  add_work(bench.compute, [&] { return ++tries > 0 && std::chrono::steady_clock::now() > end; });
  cudaStreamSynchronize(bench.compute);
  shuffle_streams(0);
  CHECK(tries <= 500);  // every 50 us at the most; without sleep it is some ten thousand times
}

TEST_CASE("shuffled streams: memory that is freed is not written any more") {
  CHECK(wrong_results([](const Bench& bench) -> const void* {
          void* short_lived = nullptr;
          cudaMalloc(&short_lived, 1);
          cudaMemsetAsync(short_lived, 'x', 1, bench.compute);
          cudaMemcpyAsync(bench.host, short_lived, 1, cudaMemcpyDeviceToHost, bench.compute);
          cudaFree(short_lived);
          return bench.host;
        }) == 0);
}

}  // namespace
}  // namespace tern::emulation
