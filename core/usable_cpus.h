// How many threads make sense for this process.
#pragma once

#include <filesystem>
#include <string_view>

namespace tern {

/// The CPUs that this process may use: its affinity (taskset, Slurm), and no more than its control groups'
/// quota (containers), rounded up. At least 1.
int usable_cpus();

/// What a program uses if nobody says how many: the number of OMP_NUM_THREADS (the first of a list), else
/// usable_cpus().
int default_threads();

/// The quota alone, of the groups that `groups`, the text of /proc/self/cgroup, names below `root`, versions
/// 1 and 2; 0 if there is none.
int cgroup_cpus(const std::filesystem::path& root, std::string_view groups);

}  // namespace tern
