// Ends the program where it waits for something that cannot be interrupted.
#pragma once

#include <fmt/core.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>

#include "tern/apps/console/program.h"

namespace tern {

/// Unless it is destroyed within `seconds`, the program ends with `message` and kExitFailure.
class Deadline {
 public:
  Deadline(double seconds, std::string message)
      : thread_([this, seconds, message = std::move(message)] {
          std::unique_lock lock(mutex_);
          if (met_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return is_met_; })) return;
          fmt::print(stderr, "{}\n", message);
          std::_Exit(kExitFailure);
        }) {}
  ~Deadline() {
    {
      const std::lock_guard lock(mutex_);
      is_met_ = true;
    }
    met_.notify_one();
    thread_.join();
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable met_;
  bool is_met_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace tern
