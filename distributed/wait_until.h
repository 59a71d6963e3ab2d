// How a process waits for another, and what it says when that does not answer.
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "tern/distributed/process_group.h"

namespace tern {

/// Calls `done` until it returns true; false if it has not for so many seconds. Busy at first, for answers
/// come within microseconds; then asleep between looks, for cores may be shared.
template <class Done>
bool wait_until(double timeout_seconds, Done done) {
  constexpr int kBusyLooks = 2000;
  const auto start = std::chrono::steady_clock::now();
  for (int looks = 0; !done(); ++looks) {
    if (looks < kBusyLooks) continue;
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    if (waited.count() > timeout_seconds) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(waited.count() < 0.01 ? 20 : 500));
  }
  return true;
}

inline std::string no_answer(const ProcessGroup& group, int peer, double timeout_seconds) {
  return fmt::format(
      "{}: rank {} on {} has not answered for {} s (distributed.timeout): it, or a rank that it waits for, "
      "is stuck, stopped or gone",
      group.place(), peer, group.host(peer), timeout_seconds);
}

}  // namespace tern
