// Work under way on a stream: copies that cudaMemcpyAsync was asked for from page-locked memory, and what
// libraries/nccl.cpp exchanges with other devices.
//
// It is done as late as the program allows, in the call that waits or asks for it or before the next work on
// its stream. A program that forgets to wait reads what was there before, and one that reuses the host's
// memory too early copies what it holds now.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

namespace tern::emulation {

/// Does what it can without waiting; true once it is done. Not called any more after that.
using StreamWork = std::function<bool()>;

class WorkQueue {
 public:
  void add(StreamWork work);
  /// How many have been added so far.
  std::int64_t issued() const;
  /// Does what is not done yet up to number `count`, in order, as far as that goes now; true if that is all.
  bool advance(std::int64_t count);
  /// The same until it is all.
  void finish(std::int64_t count);

 private:
  mutable std::mutex mutex_;
  std::deque<StreamWork> pending_;
  std::int64_t done_ = 0;
};

/// How often the host has waited for the device so far: synchronising calls, and copies to host memory that
/// is not page-locked. Each thread counts for itself.
std::int64_t host_waits();

/// Event number `number` that the calling thread records from now on, 1 being the next, fails to be recorded,
/// as all do once a kernel has failed.
void fail_event_record(int number);

void add_work(cudaStream_t stream, StreamWork work);

/// What `stream` is given next starts when what it has is done.
void finish_work(cudaStream_t stream);

}  // namespace tern::emulation
