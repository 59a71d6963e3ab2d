#include "tern/apps/console/signals.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/catch.h"

namespace tern {
namespace {

constexpr int kWrongFlag = 3;
constexpr int kStillAlive = 4;

/// Raises both signals in a process of its own, so that the test lives on; gives its wait status.
int status_after(int first, int second) {
  const pid_t child = fork();
  if (child == 0) {
    install_stop_handlers();
    if (stop_requested()) _exit(kWrongFlag);
    raise(first);
    if (!stop_requested()) _exit(kWrongFlag);
    raise(second);
    _exit(kStillAlive);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("signals: the first asks to stop, the second ends the process, whichever they are") {
  for (const int first : {SIGINT, SIGTERM}) {
    for (const int second : {SIGINT, SIGTERM}) {
      const int status = status_after(first, second);
      REQUIRE(WIFSIGNALED(status));
      CHECK(WTERMSIG(status) == second);
    }
  }
}

/// Runs `body` in a process of its own and gives its exit code.
template <class Body>
int exit_code_of(const Body& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

TEST_CASE("signals: a terminal that closes asks to stop, however often it says so") {
  CHECK(exit_code_of([] {
          install_stop_handlers();
          raise(SIGHUP);
          raise(SIGHUP);
          raise(SIGTERM);
          return stop_requested() ? 0 : kWrongFlag;
        }) == 0);
}

TEST_CASE("signals: SIGUSR1 asks for a checkpoint once, and not to stop") {
  CHECK(exit_code_of([] {
          install_stop_handlers();
          raise(SIGUSR1);
          return !stop_requested() && take_save_request() && !take_save_request() ? 0 : kWrongFlag;
        }) == 0);
}

TEST_CASE("signals: what the process was started to ignore stays ignored") {
  CHECK(exit_code_of([] {
          signal(SIGINT, SIG_IGN);
          signal(SIGHUP, SIG_IGN);
          install_stop_handlers();
          raise(SIGINT);
          raise(SIGHUP);
          if (stop_requested()) return kWrongFlag;
          raise(SIGTERM);
          raise(SIGINT);
          return stop_requested() ? 0 : kWrongFlag;
        }) == 0);
}

}  // namespace
}  // namespace tern
