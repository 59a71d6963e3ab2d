#include "emulation/traffic.h"

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "emulation/device_memory.h"
#include "emulation/devices.h"

namespace tern::emulation {
namespace {

constexpr std::size_t kSector = 32;

std::mutex mutex;
bool counting = false;
TrafficTable counted;

// "(reduce_kernel<K, T>)" -> "reduce_kernel"
std::string without_arguments(const std::string& kernel) {
  const std::size_t begin = kernel.find_first_not_of('(');
  return kernel.substr(begin, kernel.find_first_of("<)", begin) - begin);
}

bool is_counting() {
  const std::lock_guard<std::mutex> lock(mutex);
  return counting;
}

void add(const Mover& mover, const Traffic& traffic) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (!counting) return;
  Traffic& sum = counted[mover];
  sum.launches += traffic.launches;
  sum.loaded += traffic.loaded;
  sum.stored += traffic.stored;
}

// The allocation of a device, or the gap between those of all devices.
DeviceMemory::Range device_range_of(const char* address) {
  DeviceMemory::Range gap = device_memory(0).range_of(address);
  for (int device = 1; device < device_count() && !gap.allocated; ++device) {
    const DeviceMemory::Range range = device_memory(device).range_of(address);
    if (range.allocated) return range;
    gap = {std::max(gap.begin, range.begin), std::min(gap.end, range.end), false};
  }
  return gap;
}

}  // namespace

thread_local CountedLaunch* CountedLaunch::current = nullptr;

TrafficCount::TrafficCount() {
  const std::lock_guard<std::mutex> lock(mutex);
  if (counting) throw std::logic_error("TrafficCount: another one counts");
  counting = true;
  counted.clear();
}

TrafficCount::~TrafficCount() {
  const std::lock_guard<std::mutex> lock(mutex);
  counting = false;
}

TrafficTable TrafficCount::table() const {
  const std::lock_guard<std::mutex> lock(mutex);
  return counted;
}

CountedLaunch::CountedLaunch(const char* operation, const char* kernel) {
  if (!is_counting()) return;
  mover_ = {operation == nullptr ? "" : operation, without_arguments(kernel)};
  current = this;
}

CountedLaunch::~CountedLaunch() {
  if (current != this) return;
  current = nullptr;
  traffic_.launches = 1;
  add(mover_, traffic_);
}

CountedLaunch::Range& CountedLaunch::range_of(const char* address) {
  for (Range* range : recent_) {
    if (range != nullptr && range->begin <= address && address < range->end) return *range;
  }
  auto found = ranges_.upper_bound(address);
  if (found == ranges_.begin() || address >= (--found)->second.end) {
    const DeviceMemory::Range range = device_range_of(address);
    const auto bytes = range.allocated ? static_cast<std::size_t>(range.end - range.begin) : 0;
    found = ranges_
                .emplace(range.begin, Range{range.begin, range.end,
                                            std::vector<std::uint8_t>((bytes + kSector - 1) / kSector)})
                .first;
  }
  std::copy_backward(std::begin(recent_), std::end(recent_) - 1, std::end(recent_));
  return *(recent_[0] = &found->second);
}

void CountedLaunch::touch(const char* address, std::size_t bytes, Access access) {
  Range& range = range_of(address);
  if (range.sectors.empty()) return;
  const auto first = static_cast<std::size_t>(address - range.begin);
  const auto bit = static_cast<std::uint8_t>(access);
  for (std::size_t sector = first / kSector; sector <= (first + bytes - 1) / kSector; ++sector) {
    std::uint8_t& seen = range.sectors.at(sector);
    if ((seen & bit) != 0) continue;
    seen |= bit;
    (access == Access::load ? traffic_.loaded : traffic_.stored) += kSector;
  }
}

void count_traffic(const Mover& mover, std::size_t loaded, std::size_t stored) {
  add(mover, {1, static_cast<std::int64_t>(loaded), static_cast<std::int64_t>(stored)});
}

}  // namespace tern::emulation
