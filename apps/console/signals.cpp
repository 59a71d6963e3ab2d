#include "tern/apps/console/signals.h"

#include <signal.h>

#include <atomic>

#include "tern/core/error.h"

namespace tern {
namespace {

constexpr int kStopSignals[] = {SIGINT, SIGTERM};

// The handlers may run on any thread, so the flags are atomic, and they must not lock.
std::atomic<bool> stop_flag = false;
std::atomic<bool> save_flag = false;
static_assert(std::atomic<bool>::is_always_lock_free);

bool is_ignored(int number) {
  struct sigaction action = {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// Sets the flag and gives the signals their default action back, so that the next of them ends the process.
void on_stop_signal(int) {
  stop_flag = true;
  for (const int number : kStopSignals) {
    if (!is_ignored(number)) signal(number, SIG_DFL);  // both are async-signal-safe
  }
}

void on_hang_up(int) {
  stop_flag = true;
}

void on_save_signal(int) {
  save_flag = true;
}

void install(int number, void (*handler)(int)) {
  if (is_ignored(number)) return;
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;  // a read in progress goes on instead of failing with EINTR
  sigemptyset(&action.sa_mask);
  require<Error>(sigaction(number, &action, nullptr) == 0, "signals: cannot install the handler of signal {}",
                 number);
}

}  // namespace

void install_stop_handlers() {
  for (const int number : kStopSignals) install(number, on_stop_signal);
  install(SIGHUP, on_hang_up);
  install(SIGUSR1, on_save_signal);
}

bool stop_requested() {
  return stop_flag;
}

bool take_save_request() {
  return save_flag.exchange(false);
}

}  // namespace tern
