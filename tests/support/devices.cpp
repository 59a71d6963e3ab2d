#include "tests/support/devices.h"

#include <vector>

#include "core/format.h"
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

std::vector<TestDevice> test_devices() {
  std::vector<TestDevice> devices{{Device{}, "", [] {}}};
  if (!has_backend(DeviceType::cuda)) return devices;
  const Device gpu{DeviceType::cuda, 0};
#ifdef TERN_EMULATED_CUDA
  devices.push_back({gpu, "threads forward", [] { emulation::set_order(emulation::Order::forward); }});
  devices.push_back({gpu, "threads in reverse", [] { emulation::set_order(emulation::Order::reverse); }});
  devices.push_back({gpu, "threads shuffled", [] { emulation::set_order(emulation::Order::shuffled); }});
#else
  devices.push_back({gpu, "", [] {}});
#endif
  return devices;
}

}  // namespace

Device each_device() {
  const std::vector<TestDevice> devices = test_devices();
  const TestDevice& chosen = devices[GENERATE_COPY(range(std::size_t{0}, devices.size()))];
  UNSCOPED_INFO("on " << to_string(chosen.device) << " " << chosen.note);
  chosen.prepare();
  return chosen.device;
}

}  // namespace tern::test
