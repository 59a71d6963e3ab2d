// Training runs in several processes, for the tests that drive tern-train.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/apps/small_run.h"

namespace tern::test {

constexpr bool kHasMpi = TERN_MPI;

/// Arguments of a run of 4 shards, which takes 10 steps an epoch.
std::vector<std::string> sharded(const std::vector<std::string>& more = {});

/// The run of 4 shards in one process.
const std::filesystem::path& run_of_one();

/// A run of 4 shards in `ranks` processes, of 16x16 images and 5 steps an epoch, which has `gpus` emulated
/// GPUs.
ProgramResult train_on_gpus(const std::filesystem::path& folder, const std::string& ranks,
                            const std::vector<std::string>& more = {}, const char* gpus = "4",
                            const ProgramOptions& options = {});

/// The processes that train in `folder`, in the order of their ids, which is that of their ranks.
std::vector<pid_t> ranks_in(const std::filesystem::path& folder);

/// Those of them that have not ended within ten seconds: mpirun does not wait for those that it kills.
std::vector<pid_t> ranks_left_in(const std::filesystem::path& folder);

/// For train(): sends `signal` to the last of 4 processes, once, when the log has `steps` lines.
ProgramOptions signal_a_rank_after(int signal, std::size_t steps, const std::filesystem::path& folder);

}  // namespace tern::test
