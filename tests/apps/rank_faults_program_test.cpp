// What happens to one process of tern-train --ranks ends all of them, and the message says which it was.
#include <signal.h>

#include <fstream>

#include "tests/apps/ranks_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;

TEST_CASE("tern-train --ranks: a process that is killed ends all, and the run goes on from its checkpoint",
          "[plain]") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  const ProgramResult killed =
      train(folder.path(), sharded({"--ranks", "4"}), signal_a_rank_after(SIGKILL, 4, folder.path()));
  INFO(killed.err);
  CHECK(killed.exit_code != 0);
  CHECK(ranks_left_in(folder.path()).empty());
  require_success(train(folder.path(), sharded({"--resume", "--ranks", "2"})));
  check_same_as_undisturbed(folder / "run", run_of_one());
}

// Checks that the message names rank 3, its host and the step, and that no process is left.
void check_stopped_rank_is_named(const ProgramResult& stopped, const fs::path& folder) {
  INFO(stopped.err);
  CHECK(stopped.exit_code != 0);
  CHECK_THAT(stopped.err, Contains("error: epoch 1, step "));
  CHECK_THAT(stopped.err, Contains(": rank 3 on "));
  CHECK_THAT(stopped.err, Contains("has not answered for 10 s (distributed.timeout)"));
  CHECK(ranks_left_in(folder).empty());
}

const std::vector<std::string> kTimeout{"--set", "distributed.timeout=10"};

TEST_CASE("tern-train --ranks: a process that is stopped is named by the others, which end it, too",
          "[plain]") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  std::vector<std::string> arguments = sharded({"--ranks", "4"});
  arguments.insert(arguments.end(), kTimeout.begin(), kTimeout.end());
  // Long enough for four processes that share a core, under sanitizers, to begin.
  check_stopped_rank_is_named(train(folder.path(), arguments, signal_a_rank_after(SIGSTOP, 3, folder.path())),
                              folder.path());
}

TEST_CASE("tern-train: a process that never comes to the start is missed, and none is left") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  write_bytes(folder / "config.json", small_config());
  ProgramOptions options;
  options.directory = folder.path();
  const std::string rank = "if [ $OMPI_COMM_WORLD_RANK = 1 ]; then exec sleep 100; fi; exec " TERN_PROGRAMS
                           "/tern-train config.json --set training.shards=2 --set distributed.timeout=5";
  const ProgramResult result = run_program(
      "/usr/bin/env", {"mpirun", "-np", "2", "--oversubscribe", "--allow-run-as-root", "sh", "-c", rank},
      options);
  INFO(result.err);
  CHECK(result.exit_code != 0);
  CHECK_THAT(result.err, Contains("error: the start: MPI has not connected the 2 processes within 5 s"));
  CHECK(ranks_left_in(folder.path()).empty());
}

#ifdef TERN_EMULATED_CUDA
TEST_CASE("tern-train --ranks: a process that is stopped is named by those whose GPUs NCCL connects") {
  if (!kHasMpi) return;
  const TemporaryDirectory folder;
  check_stopped_rank_is_named(
      train_on_gpus(folder.path(), "4", kTimeout, "4", signal_a_rank_after(SIGSTOP, 2, folder.path())),
      folder.path());
}
#endif

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

void write_idx(const fs::path& path, const std::vector<unsigned>& extents, const std::string& elements) {
  std::string file{0, 0, 8, static_cast<char>(extents.size())};
  for (const unsigned extent : extents) file += {0, 0, 0, static_cast<char>(extent)};
  write_bytes(path, file + elements);
}

// Black images in the IDX format, of ten classes, one of them white.
void write_images(const fs::path& folder, const std::string& split, unsigned count, int white) {
  constexpr unsigned kSize = 8;
  std::string pixels(count * kSize * kSize, '\0'), labels;
  if (white >= 0)
    pixels.replace(static_cast<unsigned>(white) * kSize * kSize, kSize * kSize, kSize * kSize, '\xff');
  for (unsigned i = 0; i < count; ++i) labels += static_cast<char>(i % 10);
  write_idx(folder / (split + "-images-idx3-ubyte"), {count, kSize, kSize}, pixels);
  write_idx(folder / (split + "-labels-idx1-ubyte"), {count}, labels);
}

TEST_CASE(
    "tern-train --ranks: a NaN in one process ends all at its step, and the message says which had it") {
  if (!kHasMpi) return;
  const std::string batch_norm = GENERATE("shard", "synchronised");
  const TemporaryDirectory folder;
  // Black is 0, and white is so large that its square is not finite: in rank 3 of step 2, as the seed has it.
  write_images(folder.path(), "train", 40, 7);
  write_images(folder.path(), "t10k", 10, -1);
  std::vector<std::string> arguments{"--ranks", "4"};
  for (const std::string& field :
       {std::string("data.format=idx"), std::string("data.path=."), std::string("input.size=8"),
        std::string("input.mean=[0,0,0]"), std::string("input.std=[1e-30,1e-30,1e-30]"),
        std::string("training.batch_size=20"), std::string("training.shards=4"),
        std::string("checkpoint.every_steps=1"), "training.batch_norm=" + batch_norm}) {
    arguments.insert(arguments.end(), {"--set", field});
  }
  const ProgramResult result = train(folder.path(), arguments);
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("tern-train: error: epoch 1, step 2: rank 3 on ") &&
                             Contains("mean or variance of the batch is NaN or infinite"));
  CHECK(result.err.find("error: ") == result.err.rfind("error: "));  // all say the same, by rank 0
  CHECK(ranks_left_in(folder.path()).empty());
  CHECK(lines_of(folder / "run/log.jsonl").size() == 1);  // the step before is saved
  CHECK(fs::exists(folder / "run/state-0-1.safetensors"));
}

}  // namespace
}  // namespace tern::test
