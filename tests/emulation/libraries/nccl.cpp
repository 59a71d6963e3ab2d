// NCCL in the emulated build: ranks exchange through memory that they share, whether they are processes or
// threads. It is a file without a name that the process of rank 0 has open (the unique id says where), so
// that nothing is left of it however the ranks end.
//
// As on a GPU a call only queues what it is asked for on its stream (emulation/stream.h), and nothing happens
// before somebody waits or asks. TERN_EMULATED_NCCL_FAULT=RANK:N in the environment has exchange number N of
// that rank fail.
#include "tern/distributed/cuda/nccl.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "emulation/devices.h"
#include "emulation/stream.h"

namespace tern::nccl {
namespace {

constexpr int kMaxRanks = 8;

// From one rank to another, a piece at a time: that of the sender's turn is here when its number is larger.
struct Mailbox {
  static constexpr std::size_t kBytes = std::size_t{1} << 16;
  std::atomic<std::uint64_t> sent, received;
  std::size_t bytes;
  char data[kBytes];
};

struct SharedMemory {
  std::atomic<int> ranks;  // that are here
  Mailbox boxes[kMaxRanks][kMaxRanks];
};

// That of all ranks, once each has called.
SharedMemory* open_shared_memory(const char* path) {
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* memory = mmap(nullptr, sizeof(SharedMemory), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) return nullptr;
  auto* shared = static_cast<SharedMemory*>(memory);
  ++shared->ranks;
  return shared;
}

// The number N of "RANK:N" for this rank; 0: none.
int failing_exchange(int rank) {
  const char* text = std::getenv("TERN_EMULATED_NCCL_FAULT");
  int of_rank = -1, number = 0;
  if (text != nullptr) std::sscanf(text, "%d:%d", &of_rank, &number);
  return of_rank == rank ? number : 0;
}

// What outlives a communicator while work on it is queued.
struct State {
  ~State() { munmap(shared, sizeof *shared); }

  SharedMemory* shared = nullptr;
  int ranks = 0, rank = 0, device = 0;
  int exchanges = 0, fails_at = 0;
  std::atomic<Result> error{Result::success};
};

// A send or a receive as far as it has come.
struct Transfer {
  Mailbox* box;
  char* memory;
  std::size_t bytes;
  bool sends;
  std::size_t done = 0;

  bool advance() {
    while (done < bytes && (sends ? send_piece() : receive_piece())) {
    }
    return done == bytes;
  }

 private:
  bool send_piece() {
    if (box->sent != box->received) return false;
    box->bytes = std::min(bytes - done, Mailbox::kBytes);
    std::memcpy(box->data, memory + done, box->bytes);
    done += box->bytes;
    ++box->sent;
    return true;
  }
  bool receive_piece() {
    if (box->sent == box->received) return false;
    std::memcpy(memory + done, box->data, std::min(bytes - done, box->bytes));
    done += box->bytes;
    ++box->received;
    return true;
  }
};

// The work of a stream: all transfers, then `then`.
void queue(std::shared_ptr<State> state, cudaStream_t stream, std::vector<Transfer> transfers,
           std::function<void()> then) {
  if (++state->exchanges == state->fails_at) state->error = Result::remote_error;
  emulation::add_work(stream, [=]() mutable {
    if (state->error != Result::success) return true;
    bool all = true;
    for (Transfer& transfer : transfers) all &= transfer.advance();
    if (all) then();
    return all;
  });
}

// Between group_start and group_end, in which sends and receives go on side by side.
struct Group {
  std::shared_ptr<State> state;
  cudaStream_t stream = nullptr;
  std::vector<Transfer> transfers;
};
thread_local Group group;

// The file stays open, for ranks that come late, until the process ends.
Result get_unique_id(UniqueId* id) {
  const int file = memfd_create("emulated-nccl", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, sizeof(SharedMemory)) != 0) return Result::system_error;
  std::snprintf(id->bytes, sizeof id->bytes, "/proc/%d/fd/%d", static_cast<int>(getpid()), file);
  return Result::success;
}

const char* get_error_string(Result result) {
  switch (result) {
    case Result::success:
    case Result::in_progress:
      return "no error";
    case Result::system_error:
      return "unhandled system error";
    case Result::invalid_argument:
      return "invalid argument";
    case Result::invalid_usage:
      return "invalid usage";
    case Result::remote_error:
      return "remote process exited or there was a network error";
  }
  return "unknown";
}

}  // namespace
}  // namespace tern::nccl

struct ncclComm {
  std::shared_ptr<tern::nccl::State> state;
};

namespace tern::nccl {
namespace {

Result comm_init_rank_config(Communicator* communicator, int ranks, UniqueId id, int rank, Config* config) {
  if (ranks > kMaxRanks || rank >= ranks || config->blocking != 0) return Result::invalid_argument;
  auto state = std::make_shared<State>();
  state->shared = open_shared_memory(id.bytes);
  if (state->shared == nullptr) return Result::system_error;
  state->ranks = ranks;
  state->rank = rank;
  state->device = emulation::current_device();
  state->fails_at = failing_exchange(rank);
  *communicator = new ncclComm{state};
  return Result::in_progress;
}

Result comm_get_async_error(Communicator communicator, Result* error) {
  const State& state = *communicator->state;
  *error = state.shared->ranks < state.ranks ? Result::in_progress : state.error.load();
  return Result::success;
}

Result comm_destroy(Communicator communicator) {
  delete communicator;
  return Result::success;
}

Result comm_abort(Communicator communicator) {
  communicator->state->error = Result::invalid_usage;  // which drops what is queued
  return comm_destroy(communicator);
}

Result group_start() {
  group = {};
  return Result::success;
}

Result group_end() {
  if (group.state == nullptr) return Result::success;
  const Group ended = std::exchange(group, {});
  queue(ended.state, ended.stream, ended.transfers, [] {});
  return Result::in_progress;
}

// Why a call with `memory` cannot be taken.
Result check(const State& state, const void* memory) {
  if (state.shared->ranks < state.ranks) return Result::invalid_usage;  // still on its way
  return emulation::device_of(memory) == state.device ? Result::success : Result::invalid_argument;
}

Transfer transfer(const State& state, int peer, const void* memory, std::size_t count, bool sends) {
  auto& boxes = state.shared->boxes;
  return {sends ? &boxes[state.rank][peer] : &boxes[peer][state.rank],
          static_cast<char*>(const_cast<void*>(memory)), count * sizeof(float), sends};
}

Result add_to_group(const void* memory, std::size_t count, int peer, Communicator communicator,
                    cudaStream_t stream, bool sends) {
  const std::shared_ptr<State>& state = communicator->state;
  if (const Result result = check(*state, memory); result != Result::success) return result;
  if (peer < 0 || peer >= state->ranks) return Result::invalid_argument;
  group.state = state;
  group.stream = stream;
  group.transfers.push_back(transfer(*state, peer, memory, count, sends));
  return Result::success;
}

Result send(const void* from, std::size_t count, DataType, int peer, Communicator communicator,
            cudaStream_t stream) {
  return add_to_group(from, count, peer, communicator, stream, true);
}

Result recv(void* to, std::size_t count, DataType, int peer, Communicator communicator, cudaStream_t stream) {
  return add_to_group(to, count, peer, communicator, stream, false);
}

// All send all they have to all, and add up by rank: an order that is not that of a tree.
Result all_reduce(const void* from, void* to, std::size_t count, DataType, Operation,
                  Communicator communicator, cudaStream_t stream) {
  const std::shared_ptr<State>& state = communicator->state;
  for (const void* memory : {from, static_cast<const void*>(to)}) {
    if (const Result result = check(*state, memory); result != Result::success) return result;
  }
  auto values = std::make_shared<std::vector<std::vector<float>>>(state->ranks, std::vector<float>(count));
  std::vector<Transfer> transfers;
  for (int peer = 0; peer < state->ranks; ++peer) {
    transfers.push_back(transfer(*state, peer, from, count, true));
    transfers.push_back(
        transfer(*state, peer, (*values)[static_cast<std::size_t>(peer)].data(), count, false));
  }
  queue(state, stream, std::move(transfers), [=] {
    for (std::size_t i = 0; i < count; ++i) {
      float sum = 0;
      for (const std::vector<float>& of_rank : *values) sum += of_rank[i];
      static_cast<float*>(to)[i] = sum;
    }
  });
  return Result::in_progress;
}

}  // namespace

const Functions& functions() {
  static constexpr Functions kAll{get_unique_id,
                                  comm_init_rank_config,
                                  comm_get_async_error,
                                  comm_destroy,
                                  comm_abort,
                                  get_error_string,
                                  group_start,
                                  group_end,
                                  send,
                                  recv,
                                  all_reduce};
  return kAll;
}

}  // namespace tern::nccl
