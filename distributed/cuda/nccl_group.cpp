// Groups of GPUs over NCCL.
#include <array>
#include <exception>

#include "tern/core/cuda/event.h"
#include "tern/core/cuda/runtime.h"
#include "tern/distributed/agree.h"
#include "tern/distributed/cuda/nccl.h"
#include "tern/distributed/gpu_group.h"
#include "tern/distributed/wait_until.h"

namespace tern {
namespace {

using nccl::functions;
using nccl::Result;

// The communicator never blocks this process: every call may go on after it has returned, and wait() looks
// whether it has come to its end, so that a peer that never answers is an error and not a standstill.
class NcclGroup final : public GpuGroup {
 public:
  NcclGroup(ProcessGroup& group, int device, const GpuGroupOptions& options)
      : group_(group), device_(device), timeout_(options.timeout_seconds), reduction_(options.reduction) {
    nccl::UniqueId id{};
    together(group, [&] {
      functions();
      if (group.rank() == 0) check(functions().get_unique_id(&id), "ncclGetUniqueId");
    });
    group.broadcast(&id, sizeof id);
    const cuda::DeviceGuard guard(device_);
    nccl::Config config;
    config.blocking = 0;
    check(functions().comm_init_rank_config(&communicator_, group.size(), id, group.rank(), &config),
          "ncclCommInitRankConfig");
    const bool found = wait_until(timeout_, [this] { return settled(); });
    if (!found) abort();
    require<DistributedError>(found,
                              "{}: the GPUs of the ranks have not found each other by NCCL within {} s "
                              "(distributed.timeout); NCCL_DEBUG=INFO shows what it tries",
                              group.place(), timeout_);
  }
  // While an exception ends the program, the others may never come to their end of this.
  ~NcclGroup() override {
    if (std::uncaught_exceptions() > 0) abort();
    if (communicator_ != nullptr) functions().comm_destroy(communicator_);
  }

  // The host waits for each exchange: one that never ends has to be found, and its peer named.
  void exchange(int peer, const float* send, std::size_t sent, float* receive,
                std::size_t received) override {
    const cuda::DeviceGuard guard(device_);
    cudaStream_t stream = cuda::stream();
    check(functions().group_start(), "ncclGroupStart");
    if (sent > 0) {
      check(functions().send(send, sent, nccl::DataType::float32, peer, communicator_, stream), "ncclSend");
    }
    if (received > 0) {
      check(functions().recv(receive, received, nccl::DataType::float32, peer, communicator_, stream),
            "ncclRecv");
    }
    check(functions().group_end(), "ncclGroupEnd");
    wait(stream, no_answer(group_, peer, timeout_));
  }

  void all_reduce(float* values, std::size_t count) override {
    const cuda::DeviceGuard guard(device_);
    cudaStream_t stream = cuda::stream();
    check(functions().all_reduce(values, values, count, nccl::DataType::float32, nccl::Operation::sum,
                                 communicator_, stream),
          "ncclAllReduce");
    wait(stream, fmt::format("{}: the ranks have not added up their gradients within {} s "
                             "(distributed.timeout): one of them is stuck, stopped or gone",
                             group_.place(), timeout_));
  }

  Reduction reduction() const override { return reduction_; }

 private:
  void wait(cudaStream_t stream, const std::string& no_answer) {
    cuda::Event end;
    bool recorded = false;
    const bool answered = wait_until(timeout_, [&] {
      if (!settled()) return false;
      if (!recorded) end.record(stream);
      recorded = true;
      return end.done();
    });
    if (!answered) abort();
    require<DistributedError>(answered, "{}", no_answer);
  }

  // Whether NCCL has taken all calls so far.
  bool settled() {
    Result state{};
    check(functions().comm_get_async_error(communicator_, &state), "ncclCommGetAsyncError");
    check(state, "NCCL");
    return state == Result::success;
  }

  void check(Result result, const char* what) {
    if (result == Result::success || result == Result::in_progress) return;
    abort();
    throw DistributedError(
        fmt::format("{}: {}: {}", group_.place(), what, functions().get_error_string(result)));
  }

  void abort() {
    if (communicator_ != nullptr) functions().comm_abort(communicator_);
    communicator_ = nullptr;
  }

  ProcessGroup& group_;
  int device_;
  double timeout_;
  Reduction reduction_;
  nccl::Communicator communicator_ = nullptr;
};

}  // namespace

std::unique_ptr<GpuGroup> connect_gpus(ProcessGroup& group, Device device, const GpuGroupOptions& options) {
  return std::make_unique<NcclGroup>(group, device.index, options);
}

}  // namespace tern
