// The processes that train one network together, each known by its rank.
//
// All processes of a group call the same functions in the same order; what they compute in between may take
// different times. A process that fails at something of its own tells the others by agree.h; a process that
// is gone or stuck is noticed by those that wait for it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tern/core/error.h"
#include "tern/distributed/gpu_group.h"

namespace tern {

/// Another process is gone or has not answered in time. The group cannot be used any more.
class DistributedError : public Error {
 public:
  using Error::Error;
};

class ProcessGroup {
 public:
  ProcessGroup() = default;
  virtual ~ProcessGroup() = default;
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  /// In [0, size()). Rank 0 writes the files.
  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// The same among the processes on this host.
  virtual int local_rank() const = 0;
  virtual int local_size() const = 0;
  virtual std::string host(int rank) const = 0;

  /// Sends `bytes` to `peer` and receives as many from it, which calls the same. The two ranges do not
  /// overlap. Throws DistributedError naming the peer and place() if it does not answer in time.
  virtual void exchange(int peer, const void* send, void* receive, std::size_t bytes) = 0;
  /// Overwrites `data` on all ranks with that of rank 0. Throws as exchange().
  virtual void broadcast(void* data, std::size_t bytes) = 0;
  /// Ends all processes of the group with this exit code, those that are stuck, too.
  [[noreturn]] virtual void abort(int exit_code) = 0;

  /// Where this process is, such as "epoch 1, step 7"; for messages.
  void set_place(std::string place) { place_ = std::move(place); }
  const std::string& place() const { return place_; }

  /// After a failure that all processes know of (agree.h): they end alike, without abort().
  void set_failed_together() { failed_together_ = true; }
  bool failed_together() const { return failed_together_; }

  /// The GPUs of the ranks, if they are connected; else what is on them is exchanged through the host.
  GpuGroup* gpus() const { return gpus_.get(); }
  void set_gpus(std::unique_ptr<GpuGroup> gpus) { gpus_ = std::move(gpus); }

 private:
  std::unique_ptr<GpuGroup> gpus_;
  std::string place_ = "the start";
  bool failed_together_ = false;
};

/// The group of this process alone.
class SingleProcess final : public ProcessGroup {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  int local_rank() const override { return 0; }
  int local_size() const override { return 1; }
  std::string host(int rank) const override;
  void exchange(int peer, const void* send, void* receive, std::size_t bytes) override;
  void broadcast(void*, std::size_t) override {}
  [[noreturn]] void abort(int exit_code) override;
};

struct ProcessGroupOptions {
  double timeout_seconds = 60;  ///< How long a process waits for another.
};

/// The group that the launcher of this process (mpirun, srun) has made; the process alone where there is no
/// launcher. To be called once. Throws DistributedError if there is a launcher but this program was built
/// without MPI.
std::unique_ptr<ProcessGroup> launched_process_group(const ProcessGroupOptions& options);

/// What starts this program with `arguments` (its path first) on `ranks` processes of this machine. Throws
/// DistributedError if the program was built without MPI.
std::vector<std::string> launch_command(int ranks, const std::vector<std::string>& arguments);

}  // namespace tern
