#include "tern/apps/console/signals.h"

#include <signal.h>

#include <atomic>

#include "tern/core/error.h"

namespace tern {
namespace {

constexpr int kStopSignals[] = {SIGINT, SIGTERM};

// The handler may run on any thread, so the flag is atomic, and it must not lock.
std::atomic<bool> stop_flag = false;
static_assert(std::atomic<bool>::is_always_lock_free);

/// Sets the flag and gives both signals their default action back, so that the next of either ends the
/// process.
void on_stop_signal(int) {
  stop_flag = true;
  for (const int number : kStopSignals) signal(number, SIG_DFL);  // async-signal-safe
}

}  // namespace

void install_stop_handlers() {
  struct sigaction action = {};
  action.sa_handler = on_stop_signal;
  action.sa_flags = SA_RESTART;  // a read in progress goes on instead of failing with EINTR
  sigemptyset(&action.sa_mask);
  for (const int number : kStopSignals) {
    require<Error>(sigaction(number, &action, nullptr) == 0,
                   "signals: cannot install the handler of signal {}", number);
  }
}

bool stop_requested() {
  return stop_flag;
}

}  // namespace tern
