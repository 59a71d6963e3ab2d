// tern-train in several processes.
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;

constexpr bool kHasMpi = TERN_MPI;

// Open MPI does not free all that it allocates, which ends a program of a build with LeakSanitizer with an
// error.
[[maybe_unused]] const int kLeaksIgnored = setenv("LSAN_OPTIONS", "detect_leaks=0", 1);

std::vector<std::string> sharded(std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"--set", "training.batch_size=20", "--set", "training.shards=4",
                                     "--set", "optimizer.name=adam",    "--set", "input.crop=random",
                                     "--set", "input.padding=2",        "--set", "augmentation.mixup=0.5"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

// The run of 4 shards in one process.
const fs::path& run_of_one() {
  static const fs::path run = trained_once("sharded", sharded());
  return run;
}

TEST_CASE("tern-train --ranks: a run of 4 shards has the same bytes in 1, 2 and 4 processes") {
  if (!kHasMpi) return;
  for (const char* ranks : {"2", "4"}) {
    INFO(ranks << " processes");
    const TemporaryDirectory folder;
    const ProgramResult result = train(folder.path(), sharded({"--ranks", ranks}));
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    CHECK_THAT(result.err, Contains(std::string("processes: ") + ranks));
    check_same_as_undisturbed(folder / "run", run_of_one());
  }
}

TEST_CASE("tern-train --ranks: stopped in 4 processes and resumed in one, a run ends with the same bytes") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  // Long enough for four processes that share a core, under sanitizers, to begin.
  const ProgramResult stopped =
      train(folder.path(), sharded({"--ranks", "4"}), signal_after(SIGTERM, 3, folder.path()));
  INFO(stopped.err);
  REQUIRE(fs::exists(folder / "run/last.safetensors"));
  require_success(train(folder.path(), sharded({"--resume"})));
  check_same_as_undisturbed(folder / "run", run_of_one());
}

#ifdef TERN_EMULATED_CUDA
ProgramResult train_on_gpus(const fs::path& folder, const std::string& ranks,
                            const std::vector<std::string>& more = {}, const char* gpus = "4") {
  setenv("TERN_EMULATED_DEVICES", gpus, 1);
  std::vector<std::string> arguments{"--ranks", ranks};
  for (const char* field :
       {"device=cuda", "training.batch_size=40", "training.epochs=1", "input.size=16", "input.resize=16"}) {
    arguments.insert(arguments.end(), {"--set", field});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return train(folder, sharded(arguments));
}

TEST_CASE("tern-train --ranks: on 1, 2 and 4 GPUs a run of 4 shards has the same bytes, NCCL connects them") {
  if (!kHasMpi) return;
  const TemporaryDirectory alone;
  require_success(train_on_gpus(alone.path(), "1"));
  for (const char* ranks : {"2", "4"}) {
    INFO(ranks << " processes");
    const TemporaryDirectory folder;
    const ProgramResult result = train_on_gpus(folder.path(), ranks);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    CHECK_THAT(result.err, Contains(std::string("processes: ") + ranks + ", their GPUs connected by NCCL"));
    check_same_as_undisturbed(folder / "run", alone / "run");
  }
}

TEST_CASE("tern-train --ranks: NCCL between processes that share a GPU is refused, and so is a GPU too few") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  check_refused(
      train_on_gpus(folder.path(), "2", {"--set", "device=cuda:0", "--set", "distributed.backend=nccl"}),
      {"distributed.backend is nccl", "NCCL needs a GPU for each process", "device is \"cuda:0\""});
  check_refused(train_on_gpus(folder.path(), "4", {}, "2"), {"device \"cuda:2\": there is no cuda:2"});
}
#endif

// The processes that train in `folder`, in the order of their ids.
std::vector<pid_t> ranks_in(const fs::path& folder) {
  std::vector<pid_t> ranks;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    std::error_code gone;
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (fs::read_symlink(entry.path() / "cwd", gone) != folder) continue;
    if (fs::read_symlink(entry.path() / "exe", gone).filename() == "tern-train")
      ranks.push_back(std::stoi(name));
  }
  std::sort(ranks.begin(), ranks.end());
  return ranks;
}

// For train(): sends `signal` to the last of the processes, once, when the log has `steps` lines.
ProgramOptions signal_a_rank_after(int signal, std::size_t steps, const fs::path& folder) {
  ProgramOptions options;
  options.signal = SIGTERM;  // which is never sent
  options.signal_when = [=, sent = false]() mutable {
    if (sent || lines_of(folder / "run/log.jsonl").size() < steps) return false;
    const std::vector<pid_t> ranks = ranks_in(fs::canonical(folder));
    REQUIRE(ranks.size() == 4);
    REQUIRE(kill(ranks.back(), signal) == 0);
    sent = true;
    return false;
  };
  return options;
}

TEST_CASE("tern-train --ranks: a process that is killed ends all, and the run goes on from its checkpoint") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  const ProgramResult killed =
      train(folder.path(), sharded({"--ranks", "4"}), signal_a_rank_after(SIGKILL, 4, folder.path()));
  INFO(killed.err);
  CHECK(killed.exit_code != 0);
  CHECK(ranks_in(fs::canonical(folder.path())).empty());
  require_success(train(folder.path(), sharded({"--resume", "--ranks", "2"})));
  check_same_as_undisturbed(folder / "run", run_of_one());
}

TEST_CASE("tern-train --ranks: a process that is stopped is named by the others, which end it, too") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  // Long enough for four processes that share a core, under sanitizers, to begin.
  const ProgramResult stopped =
      train(folder.path(), sharded({"--ranks", "4", "--set", "distributed.timeout=10"}),
            signal_a_rank_after(SIGSTOP, 3, folder.path()));
  INFO(stopped.err);
  CHECK(stopped.exit_code != 0);
  CHECK_THAT(stopped.err, Contains("error: epoch 1, step "));
  CHECK_THAT(stopped.err, Contains("has not answered for 10 s (distributed.timeout)"));
  CHECK(ranks_in(fs::canonical(folder.path())).empty());
}

TEST_CASE("tern-train --ranks: what one process finds ends all, and says which") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  fs::copy(digits(), folder / "digits", fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(folder / "digits" / "train")) {
    if (entry.is_regular_file()) {
      std::ofstream(entry.path()) << "no image";
      break;
    }
  }
  // Without the check before the first step, which is rank 0's.
  const ProgramResult result =
      train(folder.path(), sharded({"--ranks", "4", "--set", "data.path=digits", "--set",
                                    "data.bad_images=fail", "--set", "data.check_images=false"}));
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("tern-train: error: "));
  CHECK_THAT(result.err, Contains("rank 1 on ") && Contains("is not a JPEG"));
}

TEST_CASE("tern-train: numbers of shards and processes that do not fit are refused with those that do") {
  const TemporaryDirectory folder;
  check_refused(
      train(folder.path(), {"--set", "training.batch_size=20", "--set", "training.shards=3"}),
      {"training.batch_size 20 cannot be cut into training.shards 3 equal parts; a batch of 18 or 21 "
       "can, or 1, 2, 4, 5, 10, 20 shards"});
  check_refused(train(folder.path(), sharded({"--ranks", "3"})),
                {"training.shards is 4", "1, 2, 4 would do"});
  if (!kHasMpi) {
    check_refused(train(folder.path(), sharded({"--ranks", "4"})), {"built without MPI"});
  }
}

}  // namespace
}  // namespace tern::test
