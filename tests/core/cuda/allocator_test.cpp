#include "tern/core/cuda/allocator.h"

#include <vector>

#include "tern/core/error.h"
#include "tern/core/tensor.h"
#include "tests/support/catch.h"

namespace tern::cuda {
namespace {

using Catch::Contains;

constexpr Device kGpu{DeviceType::cuda, 0};
constexpr std::int64_t kTooMuch = std::int64_t{1} << 50;

TEST_CASE("allocator: out of memory is an error with what is wanted, free and held, and passes") {
  if (!has_backend(DeviceType::cuda)) {
    WARN("skipped: no CUDA device");
    return;
  }
  const Tensor held = Tensor::zeros({512, 1024, 1024}, DType::u8, kGpu);  // 0.5 GiB
  CHECK_THROWS_WITH(Tensor::empty({kTooMuch}, DType::u8, kGpu),
                    Contains("out of memory on cuda:0: 1048576.000 GiB wanted") && Contains("GiB free") &&
                        Contains("0.500 GiB held") && Contains("a smaller batch"));
  CHECK(Tensor::zeros({1}, DType::f32, kGpu).item() == 0);
  CHECK(held.defined());
}

TEST_CASE("allocator: blocks are reused from step to step, and memory is counted") {
  if (!has_backend(DeviceType::cuda)) {
    WARN("skipped: no CUDA device");
    return;
  }
  const auto step = [] {
    const Tensor a = Tensor::zeros({1000}, DType::f32, kGpu), b = Tensor::zeros({1 << 20}, DType::f32, kGpu);
    return device_memory(kGpu).live_bytes;
  };
  const std::size_t before = device_memory(kGpu).live_bytes;
  CHECK(step() >= before + 4000 + (4 << 20));
  const DeviceMemory after_first = device_memory(kGpu);
  CHECK(after_first.live_bytes == before);
  CHECK(after_first.peak_bytes >= before + 4000 + (4 << 20));
  step();
  if (CachingAllocator::recycles()) {
    CHECK(device_memory(kGpu).system_allocations == after_first.system_allocations);
  }
}

}  // namespace
}  // namespace tern::cuda
