#include "tern/core/device_scope.h"

#include "tern/core/error.h"
#include "tern/core/tensor.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;

constexpr Device kGpu{DeviceType::cuda, 0};

TEST_CASE("device_scope: the host reaches the memory of the CPU alone") {
  CHECK_NOTHROW(DeviceScope::check({}));
  CHECK_THROWS_WITH(DeviceScope::check(kGpu), Contains("on cuda:0, where the host cannot reach them"));
}

TEST_CASE("device_scope: an operation that meets a tensor of another device names both") {
  const DeviceScope scope({}, "add");
  CHECK_NOTHROW(DeviceScope::check({}));
  CHECK_THROWS_WITH(DeviceScope::check(kGpu),
                    Contains("add: a tensor is on cuda:0, but the operation runs on cpu"));
}

TEST_CASE("device_scope: on a GPU its own tensors are reached and those of the CPU are not") {
  if (!has_backend(DeviceType::cuda)) {
    WARN("skipped: no CUDA device");
    return;
  }
  Tensor on_cpu = Tensor::zeros({2});
  Tensor on_gpu = on_cpu.to(kGpu);
  CHECK_THROWS_AS(on_gpu.data<float>(), DeviceError);
  {
    const DeviceScope scope(kGpu, "relu");
    CHECK(on_gpu.data<float>() != nullptr);
    CHECK_THROWS_WITH(on_cpu.data<float>(),
                      Contains("relu: a tensor is on cpu, but the operation runs on cuda:0"));
  }
  CHECK(on_cpu.data<float>() != nullptr);
  CHECK_THROWS_AS(on_gpu.data<float>(), DeviceError);
}

}  // namespace
}  // namespace tern
