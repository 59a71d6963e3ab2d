#include "tests/support/devices.h"

#include <cstdlib>
#include <vector>

#include "tern/core/format.h"
#include "tests/support/catch.h"

#ifdef TERN_EMULATED_CUDA
#include "emulation/grid.h"
#endif

namespace tern::test {
namespace {

struct TestDevice {
  Device device;
  const char* note;
  void (*prepare)();
};

std::vector<TestDevice> test_gpus() {
  std::vector<TestDevice> devices;
  // For a check of the GPU, which would pass without one: throws, saying what is missing.
  if (std::getenv("TERN_REQUIRE_GPU") != nullptr) backend_of(DeviceType::cuda);
  if (!has_backend(DeviceType::cuda)) return devices;
  const Device gpu{DeviceType::cuda, 0};
#ifdef TERN_EMULATED_CUDA
  devices.push_back({gpu, "threads forward", [] { emulation::set_order(emulation::Order::forward); }});
#ifdef __SANITIZE_THREAD__
  return devices;  // one order shows the races of all
#endif
  devices.push_back({gpu, "threads in reverse", [] { emulation::set_order(emulation::Order::reverse); }});
  devices.push_back({gpu, "threads shuffled", [] { emulation::set_order(emulation::Order::shuffled); }});
#else
  devices.push_back({gpu, "", [] {}});
#endif
  return devices;
}

Device each_of(const std::vector<TestDevice>& devices) {
  const TestDevice& chosen = devices[GENERATE_COPY(range(std::size_t{0}, devices.size()))];
  UNSCOPED_INFO("on " << to_string(chosen.device) << " " << chosen.note);
  chosen.prepare();
  return chosen.device;
}

}  // namespace

Device each_device() {
  std::vector<TestDevice> devices = test_gpus();
  devices.insert(devices.begin(), {Device{}, "", [] {}});
  return each_of(devices);
}

bool each_gpu(Device& device) {
  const std::vector<TestDevice> devices = test_gpus();
  if (devices.empty()) {
    WARN("skipped: no GPU on this machine");
    return false;
  }
  device = each_of(devices);
  return true;
}

bool is_emulated(Device device) {
#ifdef TERN_EMULATED_CUDA
  constexpr bool kGpusAreEmulated = true;
#else
  constexpr bool kGpusAreEmulated = false;
#endif
  return kGpusAreEmulated && device.type == DeviceType::cuda;
}

}  // namespace tern::test
