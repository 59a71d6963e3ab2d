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

}  // namespace
}  // namespace tern
