#include "tern/benchmarks/support/machine.h"

#include <fmt/chrono.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tern/apps/console/commit.h"
#include "tern/core/device_choice.h"

namespace tern::bench {
namespace {

/// Linux' name of the processor, or else of its architecture.
std::string processor() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  utsname system{};
  return uname(&system) == 0 ? system.machine : "unknown";
}

double load_average() {
  double minute = 0;
  return getloadavg(&minute, 1) == 1 ? minute : 0;
}

}  // namespace

nlohmann::ordered_json describe_machine(Device device, const std::string& instruction_set) {
  return {{"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
          {"commit", commit()},
          {"cpu", processor()},
          {"cores", std::thread::hardware_concurrency()},
          {"load_average", load_average()},
          {"instruction_set", instruction_set},
          {"device", describe(device)},
          {"emulated", is_emulated(device)},
          {"compiler", __VERSION__}};
}

bool is_emulated(Device device) {
  for (const DeviceInfo& info : available_devices()) {
    if (info.device == device) return info.emulated;
  }
  return false;
}

}  // namespace tern::bench
