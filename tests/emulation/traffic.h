// Bytes of device memory that kernels load and store.
//
// They are counted in sectors of 32 bytes, the unit of a GPU's memory traffic, and a sector once per launch
// and direction, however often the launch's threads come back to it: as if caches kept all that a launch
// uses and nothing of what launches before it used. So it is in DRAM, nearly, where tensors are larger than
// the caches.
//
// Seen are accesses of kernels that are compiled with GCC's -fsanitize=thread and linked with
// memory_hooks.cpp in the place of that sanitizer. What a library computes counts by the sizes of its
// operands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace tern::emulation {

struct Traffic {
  std::int64_t launches = 0;
  std::int64_t loaded = 0, stored = 0;  ///< Bytes.

  std::int64_t bytes() const { return loaded + stored; }
};

/// Who moves bytes: the operation (kernels/<operation>.h) and its kernel, without template arguments, or the
/// library; of what the runtime copies and fills, its function alone.
struct Mover {
  std::string operation, kernel;

  bool operator==(const Mover& other) const { return operation == other.operation && kernel == other.kernel; }
  bool operator<(const Mover& other) const {
    return std::tie(operation, kernel) < std::tie(other.operation, other.kernel);
  }
};
using TrafficTable = std::map<Mover, Traffic>;

/// Counts while it lives, what launches of any thread move. There is one at a time.
class TrafficCount {
 public:
  TrafficCount();
  ~TrafficCount();
  TrafficCount(const TrafficCount&) = delete;
  TrafficCount& operator=(const TrafficCount&) = delete;

  /// What finished launches have moved so far.
  TrafficTable table() const;
};

enum class Access : std::uint8_t { load = 1, store = 2 };

/// While it lives, accesses of this thread belong to that launch. `operation` may be null.
class CountedLaunch {
 public:
  CountedLaunch(const char* operation, const char* kernel);
  ~CountedLaunch();
  CountedLaunch(const CountedLaunch&) = delete;
  CountedLaunch& operator=(const CountedLaunch&) = delete;

  /// Of the launch under way on this thread, if there is one that is counted.
  static void note(const void* address, std::size_t bytes, Access access) {
    if (current != nullptr) current->touch(static_cast<const char*>(address), bytes, access);
  }

 private:
  struct Range {
    const char *begin, *end;
    std::vector<std::uint8_t> sectors;  // the accesses that there have been; none outside of device memory
  };

  void touch(const char* address, std::size_t bytes, Access access);
  Range& range_of(const char* address);

  static thread_local CountedLaunch* current;

  Mover mover_;
  Traffic traffic_;
  std::map<const char*, Range> ranges_;  // by their first byte
  Range* recent_[8] = {};
};

/// Adds what a library, or the runtime where `operation` is empty, moves besides kernels.
void count_traffic(const Mover& mover, std::size_t loaded, std::size_t stored);

}  // namespace tern::emulation
