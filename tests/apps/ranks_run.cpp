#include "tests/apps/ranks_run.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/support/catch.h"

namespace tern::test {

namespace fs = std::filesystem;

namespace {

// Open MPI does not free all that it allocates, which ends a program of a build with LeakSanitizer with an
// error.
[[maybe_unused]] const int kLeaksIgnored = setenv("LSAN_OPTIONS", "detect_leaks=0", 1);

}  // namespace

std::vector<std::string> sharded(const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"--set", "training.batch_size=20", "--set", "training.shards=4",
                                     "--set", "optimizer.name=adam",    "--set", "input.crop=random",
                                     "--set", "input.padding=2",        "--set", "augmentation.mixup=0.5"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

const fs::path& run_of_one() {
  static const fs::path run = trained_once("sharded", sharded());
  return run;
}

ProgramResult train_on_gpus(const fs::path& folder, const std::string& ranks,
                            const std::vector<std::string>& more, const char* gpus,
                            const ProgramOptions& options) {
  setenv("TERN_EMULATED_DEVICES", gpus, 1);
  std::vector<std::string> arguments{"--ranks", ranks};
  for (const char* field : {"device=cuda", "training.batch_size=40", "training.epochs=1"}) {
    arguments.insert(arguments.end(), {"--set", field});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return train(folder, sharded(arguments), options);
}

std::vector<pid_t> ranks_in(const fs::path& folder) {
  std::vector<pid_t> ranks;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    std::error_code gone;
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (fs::read_symlink(entry.path() / "cwd", gone) != fs::canonical(folder)) continue;
    if (fs::read_symlink(entry.path() / "exe", gone).filename() == "tern-train")
      ranks.push_back(std::stoi(name));
  }
  std::sort(ranks.begin(), ranks.end());
  return ranks;
}

std::vector<pid_t> ranks_left_in(const fs::path& folder) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::vector<pid_t> left = ranks_in(folder);
  while (!left.empty() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    left = ranks_in(folder);
  }
  return left;
}

ProgramOptions signal_a_rank_after(int signal, std::size_t steps, const fs::path& folder) {
  ProgramOptions options;
  options.signal = SIGTERM;  // which is never sent
  options.signal_when = [=, sent = false]() mutable {
    if (sent || lines_of(folder / "run/log.jsonl").size() < steps) return false;
    const std::vector<pid_t> ranks = ranks_in(folder);
    REQUIRE(ranks.size() == 4);
    REQUIRE(kill(ranks.back(), signal) == 0);
    sent = true;
    return false;
  };
  return options;
}

}  // namespace tern::test
