#include "tern/core/file_lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern {
namespace {

using Catch::Contains;
using test::TemporaryDirectory;

TEST_CASE("file lock: who comes second is told of the process that was first") {
  const TemporaryDirectory directory;
  std::optional<FileLock> first(directory / "lock");
  CHECK_THROWS_WITH(FileLock(directory / "lock"),
                    Contains("is in use by \"process " + std::to_string(getpid()) + " on "));
  CHECK_THROWS_AS(FileLock(directory / "lock"), DataError);
  first.reset();
  CHECK_FALSE(std::filesystem::exists(directory / "lock"));
  CHECK_NOTHROW(FileLock(directory / "lock"));
}

TEST_CASE("file lock: a process that was killed holds nothing") {
  const TemporaryDirectory directory;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const FileLock lock(directory / "lock");
    raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(std::filesystem::exists(directory / "lock"));
  CHECK_NOTHROW(FileLock(directory / "lock"));
}

TEST_CASE("file lock: a folder that does not exist is an error") {
  CHECK_THROWS_WITH(FileLock("no/such/folder/lock"), Contains("cannot lock no/such/folder/lock"));
}

}  // namespace
}  // namespace tern
