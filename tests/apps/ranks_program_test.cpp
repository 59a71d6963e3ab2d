// tern-train in several processes: the same bytes for any number of them.
#include <signal.h>

#include <nlohmann/json.hpp>

#include "tests/apps/ranks_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;

const std::vector<std::string> kSynchronised{"--set", "training.batch_norm=synchronised"};

std::vector<std::string> sharded_and_synchronised(const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = sharded(kSynchronised);
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

const fs::path& synchronised_run_of_one() {
  static const fs::path run = trained_once("synchronised", sharded_and_synchronised());
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

TEST_CASE("tern-train --ranks: stopped in 4 processes and resumed in one, a run ends with the same bytes",
          "[plain]") {
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

TEST_CASE("tern-train --ranks: with synchronised batch norms, too, in 1, 2 and 4 processes the same bytes",
          "[plain]") {
  if (!kHasMpi) return;
  for (const char* ranks : {"2", "4"}) {
    INFO(ranks << " processes");
    const TemporaryDirectory folder;
    require_success(train(folder.path(), sharded_and_synchronised({"--ranks", ranks})));
    check_same_as_undisturbed(folder / "run", synchronised_run_of_one());
  }
  CHECK(tensor_bytes(synchronised_run_of_one() / "last.safetensors") !=
        tensor_bytes(run_of_one() / "last.safetensors"));
}

TEST_CASE("tern-train --ranks: with synchronised batch norms, stopped in 4 processes and resumed in one",
          "[plain]") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  const ProgramResult stopped = train(folder.path(), sharded_and_synchronised({"--ranks", "4"}),
                                      signal_after(SIGTERM, 3, folder.path()));
  INFO(stopped.err);
  REQUIRE(fs::exists(folder / "run/last.safetensors"));
  require_success(train(folder.path(), sharded_and_synchronised({"--resume"})));
  check_same_as_undisturbed(folder / "run", synchronised_run_of_one());
}

#ifdef TERN_EMULATED_CUDA
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

TEST_CASE("tern-train --ranks: on 1 and 4 GPUs a run with synchronised batch norms has the same bytes") {
  if (!kHasMpi) return;
  const TemporaryDirectory alone, folder;
  require_success(train_on_gpus(alone.path(), "1", kSynchronised));
  require_success(train_on_gpus(folder.path(), "4", kSynchronised));
  check_same_as_undisturbed(folder / "run", alone / "run");
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

TEST_CASE(
    "tern-train --ranks: --benchmark measures the steps of all processes, on the same images as in one") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  const auto speed = [&](const char* ranks) {
    const ProgramResult result =
        train(folder.path(), sharded({"--benchmark", "2", "--ranks", ranks, "--set", "device=cpu"}));
    require_success(result);
    return nlohmann::json::parse(result.out);
  };
  const nlohmann::json alone = speed("1"), shared = speed("4");
  CHECK(alone.at("processes") == 1);
  CHECK(shared.at("processes") == 4);
  CHECK(shared.at("first_loss") == alone.at("first_loss"));
  CHECK(shared.at("images_per_second").get<double>() > 0);
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
