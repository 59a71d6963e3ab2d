// Programs under limits of threads, memory and sizes of files, and without a reader.
#include <fstream>

#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

/// Runs a program of the build under `ulimit`s, in `folder`.
ProgramResult limited(const std::filesystem::path& folder, const std::string& limits,
                      const std::string& command) {
  ProgramOptions options;
  options.directory = folder;
  return run_program("/bin/sh", {"-c", limits + " && exec " TERN_PROGRAMS "/" + command}, options);
}

TEST_CASE("tern-train: threads that the system does not give are an error that says so", "[plain]") {
  const TemporaryDirectory folder;
  std::ofstream(folder.path() / "config.json") << small_config();
  // Each thread's stack takes 8 MiB of the address space.
  const ProgramResult result = limited(folder.path(), "ulimit -s 8192 && ulimit -v 2000000",
                                       "tern-train config.json --set threads=512");
  check_refused(result, {"a thread cannot be started", "fewer threads"});
  CHECK_FALSE(std::filesystem::exists(folder.path() / "run/last.safetensors"));
}

TEST_CASE("tern-train: a limit on the size of files is an error that says so, not the end by a signal",
          "[plain]") {
  const TemporaryDirectory folder;
  std::ofstream(folder.path() / "config.json") << small_config();
  check_refused(limited(folder.path(), "ulimit -f 8", "tern-train config.json"),  // of 512 bytes
                {"File too large", "raise the limit on file sizes (ulimit -f)"});
}

TEST_CASE("tern-train: whoever stops reading what a run says does not end it", "[plain]") {
  const TemporaryDirectory folder;
  std::ofstream(folder.path() / "config.json") << small_config();
  ProgramOptions options;
  options.directory = folder.path();
  require_success(
      run_program("/bin/sh", {"-c", TERN_PROGRAMS "/tern-train config.json 2>&1 | true"}, options));
  CHECK(lines_of(folder / "run/metrics.csv").size() == 3);  // a header and two epochs
}

TEST_CASE("tern-merge --check: too little memory is an error, not a crash", "[plain]") {
  const TemporaryDirectory folder;
  const std::string checkpoint = (finished_run() / "last.safetensors").string();
  int refused = 0, done = 0;
  for (int kilobytes = 40'000; kilobytes <= 160'000; kilobytes += 8'000) {
    INFO(kilobytes << " KB");
    const ProgramResult result = limited(folder.path(), "ulimit -v " + std::to_string(kilobytes),
                                         "tern-merge " + checkpoint + " -o merged.safetensors --check");
    CHECK(result.signal == 0);
    ++(result.exit_code == 0 ? done : refused);
  }
  CHECK(refused > 0);
  CHECK(done > 0);
}

}  // namespace
}  // namespace tern::test
