// Recorded graphs, on the emulated device: what a recording keeps, gives back and refuses.
#include "tern/core/cuda/graph.h"

#include <cstdlib>
#include <string>

#include "tern/core/cuda/runtime.h"
#include "tern/core/device_graph.h"
#include "tern/core/error.h"
#include "tern/core/tensor.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;

[[maybe_unused]] const int kSmallDevices = setenv("TERN_EMULATED_MEMORY", "1073741824", 0);

constexpr Device kDevice{DeviceType::cuda, 0};

Tensor filled(float value, std::int64_t count = 1000) {
  return Tensor::full({count}, value).to(kDevice);
}

float first_of(const Tensor& tensor) {
  return tensor.to_vector<float>().front();
}

TEST_CASE("graph: each launch computes of what its tensors hold then") {
  const Tensor x = filled(1);
  Tensor y;
  const auto graph = record_graph(kDevice, [&] { y = x.clone(); });
  for (const float value : {2.0F, 3.0F}) {
    Tensor(x).copy_from(filled(value));
    graph->launch();
    CHECK(first_of(y) == value);
  }
}

// The memory of what is temporary in the recorded work is written by each launch.
TEST_CASE("graph: nobody gets memory that its launches write, freed or not") {
  const Tensor x = filled(1);
  Tensor y;
  const auto graph = record_graph(kDevice, [&] {
    const Tensor temporary = x.clone();
    y = temporary.clone();
  });
  const Tensor others[] = {filled(7), filled(7), filled(7)};
  graph->launch();
  CHECK(first_of(y) == 1);
  for (const Tensor& other : others) CHECK(first_of(other) == 7);
}

TEST_CASE("graph: recorded work gets its own freed memory again, and cached blocks") {
  const Tensor x = filled(1, 5000);
  { const Tensor first = x.clone(), second = x.clone(); }
  const DeviceMemory before = device_memory(kDevice);
  const auto graph = record_graph(kDevice, [&] {
    for (int i = 0; i < 10; ++i) const Tensor temporary = x.clone().clone();
  });
  const DeviceMemory after = device_memory(kDevice);
  CHECK(after.system_allocations - before.system_allocations == (CachingAllocator::recycles() ? 0 : 2));
  CHECK(after.live_bytes == before.live_bytes);
}

TEST_CASE("graph: its memory is everybody's again after its end, with what is still in use") {
  const Tensor x = filled(1, 6000);
  const DeviceMemory before = device_memory(kDevice);
  {
    Tensor kept;
    record_graph(kDevice, [&] {
      const Tensor temporary = x.clone();
      kept = temporary.clone();
    })->launch();
    CHECK(first_of(kept) == 1);
    CHECK(device_memory(kDevice).live_bytes > before.live_bytes);
  }
  const DeviceMemory after = device_memory(kDevice);
  CHECK(after.live_bytes == before.live_bytes);
  const Tensor again[] = {x.clone(), x.clone()};
  if (CachingAllocator::recycles()) {
    CHECK(device_memory(kDevice).system_allocations == after.system_allocations);
  } else {
    CHECK(after.cached_bytes == 0);
  }
}

TEST_CASE("graph: a wait in the recorded work is an error with a name, and leaves the device as it was") {
  const Tensor x = filled(1);
  const DeviceMemory before = device_memory(kDevice);
  CHECK_THROWS_WITH(record_graph(kDevice,
                                 [&] {
                                   const Tensor y = x.clone();
                                   y.to_vector<float>();
                                 }),
                    Contains("cudaErrorStreamCaptureUnsupported"));
  CHECK(device_memory(kDevice).live_bytes == before.live_bytes);
  CHECK(first_of(x.clone()) == 1);
  Tensor y;
  record_graph(kDevice, [&] { y = x.clone(); })->launch();
  CHECK(first_of(y) == 1);
}

TEST_CASE("graph: an error of the recorded work comes through, and the device is as it was") {
  const Tensor x = filled(1);
  CHECK_THROWS_WITH(record_graph(kDevice,
                                 [&] {
                                   const Tensor y = x.clone();
                                   throw ShapeError("of the work");
                                 }),
                    "of the work");
  CHECK(first_of(x.clone()) == 1);
}

TEST_CASE("graph: one that would leave less memory than it keeps is none") {
  std::size_t free = 0, total = 0;
  cudaMemGetInfo(&free, &total);
  const auto most = static_cast<std::int64_t>(free / 8 * 5);
  CHECK_THROWS_WITH(record_graph(kDevice, [&] { Tensor::empty({most}, DType::u8, kDevice); }),
                    Contains("a graph would keep") && Contains("MiB and leave"));
}

TEST_CASE("graph: a CPU has none") {
  CHECK_THROWS_AS(record_graph(Device{}, [] {}), DeviceError);
}

}  // namespace
}  // namespace tern
