#include "tern/core/usable_cpus.h"

#ifndef __EMSCRIPTEN__
#include <sched.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace tern {
namespace {

namespace fs = std::filesystem;

#ifndef __EMSCRIPTEN__
int affinity_cpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  const bool known = sched_getaffinity(0, sizeof cpus, &cpus) == 0;
  return known ? CPU_COUNT(&cpus) : static_cast<int>(std::thread::hardware_concurrency());
}
#endif

/// quota / period in CPUs, rounded up; 0 for none ("max", -1, no file).
int cpus_of(std::istream& quota_file, std::istream& period_file) {
  double quota = 0, period = 0;
  if (!(quota_file >> quota) || !(period_file >> period) || quota <= 0 || period <= 0) return 0;
  constexpr double kMax = 1 << 20;
  return static_cast<int>(std::min(kMax, (quota + period - 1) / period));
}

int cpus_of_group(const fs::path& group, bool version_2) {
  if (!version_2) {
    std::ifstream quota(group / "cpu.cfs_quota_us"), period(group / "cpu.cfs_period_us");
    return cpus_of(quota, period);
  }
  std::ifstream both(group / "cpu.max");
  return cpus_of(both, both);
}

/// The smallest quota of the group `path` and those above it.
int smallest_quota(const fs::path& root, const std::string& path, bool version_2) {
  int smallest = 0;
  for (fs::path group = fs::path(path).relative_path();; group = group.parent_path()) {
    const int cpus = cpus_of_group(root / group, version_2);
    if (cpus > 0) smallest = smallest == 0 ? cpus : std::min(smallest, cpus);
    if (group.empty()) return smallest;
  }
}

bool has_cpu_controller(const std::string& controllers) {
  return ("," + controllers + ",").find(",cpu,") != std::string::npos;
}

}  // namespace

int cgroup_cpus(const fs::path& root, std::string_view groups) {
  std::istringstream lines{std::string(groups)};
  int smallest = 0;
  // "4:cpu,cpuacct:/path" of version 1, "0::/path" of version 2.
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1),
                      path = line.substr(second + 1);
    if (!controllers.empty() && !has_cpu_controller(controllers)) continue;
    const int cpus = smallest_quota(controllers.empty() ? root : root / "cpu", path, controllers.empty());
    if (cpus > 0) smallest = smallest == 0 ? cpus : std::min(smallest, cpus);
  }
  return smallest;
}

int default_threads() {
  constexpr long kMax = 1 << 20;
  const char* set = std::getenv("OMP_NUM_THREADS");
  char* end = nullptr;
  const long threads = set == nullptr ? 0 : std::strtol(set, &end, 10);
  const bool valid = threads > 0 && (*end == '\0' || *end == ',' || *end == ' ');
  return valid ? static_cast<int>(std::min(threads, kMax)) : usable_cpus();
}

int usable_cpus() {
#ifdef __EMSCRIPTEN__
  return 1;  // as long as it is built without threads
#else
  std::ifstream file("/proc/self/cgroup");
  std::ostringstream groups;
  groups << file.rdbuf();
  const int quota = cgroup_cpus("/sys/fs/cgroup", groups.str()), cpus = affinity_cpus();
  return std::max(1, quota > 0 ? std::min(cpus, quota) : cpus);
#endif
}

}  // namespace tern
