// Process groups over MPI (Open MPI).
#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "tern/distributed/host_name.h"
#include "tern/distributed/launcher.h"
#include "tern/distributed/process_group.h"
#include "tern/distributed/wait_until.h"

namespace tern {
namespace {

using HostName = std::array<char, 256>;

constexpr int kTag = 7;
constexpr std::size_t kMaxMessage = std::size_t{1} << 30;  // MPI counts in ints

void check(int status, const char* what) {
  if (status == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(status, text.data(), &length);
  throw DistributedError(fmt::format("{}: MPI says: {}", what, text.data()));
}

class MpiGroup final : public ProcessGroup {
 public:
  explicit MpiGroup(const ProcessGroupOptions& options) : timeout_(options.timeout_seconds) {
    int provided = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
    MPI_Comm local{};
    check(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &local),
          "MPI_Comm_split_type");
    MPI_Comm_rank(local, &local_rank_);
    MPI_Comm_size(local, &local_size_);
    MPI_Comm_free(&local);
    HostName own{};
    host_name().copy(own.data(), own.size() - 1);
    hosts_.resize(static_cast<std::size_t>(size_));
    check(
        MPI_Allgather(own.data(), sizeof own, MPI_BYTE, hosts_.data(), sizeof own, MPI_BYTE, MPI_COMM_WORLD),
        "MPI_Allgather");
  }
  // While an exception ends the program, the others are not here: MPI_Finalize would wait for them.
  ~MpiGroup() override {
    if (std::uncaught_exceptions() == 0 && !broken_) MPI_Finalize();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int local_rank() const override { return local_rank_; }
  int local_size() const override { return local_size_; }
  std::string host(int rank) const override { return hosts_.at(static_cast<std::size_t>(rank)).data(); }

  void exchange(int peer, const void* send, void* receive, std::size_t bytes) override {
    for (std::size_t done = 0; done < bytes;) {
      const std::size_t count = std::min(bytes - done, kMaxMessage);
      std::array<MPI_Request, 2> requests{};
      check(MPI_Irecv(static_cast<char*>(receive) + done, static_cast<int>(count), MPI_BYTE, peer, kTag,
                      MPI_COMM_WORLD, &requests[0]),
            "MPI_Irecv");
      check(MPI_Isend(static_cast<const char*>(send) + done, static_cast<int>(count), MPI_BYTE, peer, kTag,
                      MPI_COMM_WORLD, &requests[1]),
            "MPI_Isend");
      wait(requests.data(), 2, peer);
      done += count;
    }
  }

  // Along a binomial tree: rank r has it from r without its highest bit.
  void broadcast(void* data, std::size_t bytes) override {
    for (int distance = 1; distance < size_; distance *= 2) {
      if (rank_ < distance && rank_ + distance < size_) transfer(true, rank_ + distance, data, bytes);
      if (rank_ >= distance && rank_ < 2 * distance) transfer(false, rank_ - distance, data, bytes);
    }
  }

  [[noreturn]] void abort(int exit_code) override {
    MPI_Abort(MPI_COMM_WORLD, exit_code);
    std::_Exit(exit_code);
  }

 private:
  void transfer(bool sends, int peer, void* data, std::size_t bytes) {
    for (std::size_t done = 0; done < bytes;) {
      char* part = static_cast<char*>(data) + done;
      const std::size_t count = std::min(bytes - done, kMaxMessage);
      MPI_Request request{};
      check(sends ? MPI_Isend(part, static_cast<int>(count), MPI_BYTE, peer, kTag, MPI_COMM_WORLD, &request)
                  : MPI_Irecv(part, static_cast<int>(count), MPI_BYTE, peer, kTag, MPI_COMM_WORLD, &request),
            sends ? "MPI_Isend" : "MPI_Irecv");
      wait(&request, 1, peer);
      done += count;
    }
  }

  void wait(MPI_Request* requests, int count, int peer) {
    const bool answered = wait_until(timeout_, [&] {
      int done = 0;
      const int status = MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE);
      broken_ = broken_ || status != MPI_SUCCESS;
      require<DistributedError>(status == MPI_SUCCESS, "{}: the connection to rank {} on {} is broken",
                                place(), peer, host(peer));
      return done != 0;
    });
    broken_ = broken_ || !answered;
    require<DistributedError>(answered, "{}", no_answer(*this, peer, timeout_));
  }

  double timeout_;
  int rank_ = 0, size_ = 1, local_rank_ = 0, local_size_ = 1;
  bool broken_ = false;
  std::vector<HostName> hosts_;
};

}  // namespace

std::unique_ptr<ProcessGroup> launched_process_group(const ProcessGroupOptions& options) {
  if (launched_ranks() == 0) return std::make_unique<SingleProcess>();
  return std::make_unique<MpiGroup>(options);
}

std::vector<std::string> launch_command(int ranks, const std::vector<std::string>& arguments) {
  // Ranks may be more than cores, have their threads placed by the system and run as root, as in containers.
  std::vector<std::string> command{"mpirun",    "-np",  std::to_string(ranks), "--oversubscribe",
                                   "--bind-to", "none", "--allow-run-as-root"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace tern
