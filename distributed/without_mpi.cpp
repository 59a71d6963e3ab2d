// The process groups of a program that was built without MPI.
#include "tern/distributed/launcher.h"
#include "tern/distributed/process_group.h"

namespace tern {
namespace {

constexpr const char* kWithoutMpi =
    "this program was built without MPI and trains in one process only; install it (scripts/install_deps.sh "
    "mpi), configure and build again";

}  // namespace

std::unique_ptr<ProcessGroup> launched_process_group(const ProcessGroupOptions&) {
  require<DistributedError>(launched_ranks() <= 1, "{} processes were started, but {}", launched_ranks(),
                            kWithoutMpi);
  return std::make_unique<SingleProcess>();
}

std::vector<std::string> launch_command(int ranks, const std::vector<std::string>&) {
  throw DistributedError(fmt::format("--ranks {}: {}", ranks, kWithoutMpi));
}

}  // namespace tern
