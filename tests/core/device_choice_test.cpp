#include "tern/core/device_choice.h"

#include <chrono>

#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;

bool has_usable_gpu() {
  const auto devices = available_devices();
  return devices.size() > 1 && devices[1].problem.empty();
}

TEST_CASE("device_choice: the CPU is always there and comes first") {
  const std::vector<DeviceInfo> devices = available_devices();
  REQUIRE_FALSE(devices.empty());
  CHECK(devices.front().device == Device{});
  CHECK(devices.front().problem.empty());
  CHECK(resolve_device("cpu") == Device{});
}

TEST_CASE("device_choice: auto takes a GPU that is one") {
  const Device chosen = resolve_device("auto");
  const bool real_gpu = has_usable_gpu() && !available_devices()[1].emulated;
  CHECK(chosen.type == (real_gpu ? DeviceType::cuda : DeviceType::cpu));
}

TEST_CASE("device_choice: a name that is none is refused") {
  for (const char* name : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cpu:0", "CUDA"}) {
    INFO(name);
    CHECK_FALSE(is_device_name(name));
    CHECK_THROWS_AS(resolve_device(name), ConfigError);
  }
  for (const char* name : {"auto", "cpu", "cuda", "cuda:0", "cuda:12"}) CHECK(is_device_name(name));
}

TEST_CASE("device_choice: cuda is cuda:0") {
  if (!has_usable_gpu()) {
    WARN("skipped: no CUDA device");
    return;
  }
  CHECK(resolve_device("cuda") == Device{DeviceType::cuda, 0});
  CHECK(resolve_device("cuda:0") == Device{DeviceType::cuda, 0});
}

TEST_CASE("device_choice: a GPU that is not there is refused soon, with what there is") {
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_WITH(resolve_device("cuda:99"), Contains("device \"cuda:99\"") && Contains("available: cpu"));
  if (!has_usable_gpu()) CHECK_THROWS_AS(resolve_device("cuda"), DeviceError);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}

}  // namespace
}  // namespace tern
