// Copies under way: those that cudaMemcpyAsync was asked for from page-locked memory.
//
// They are done as late as the program allows, in the call that waits for them or before the next work on
// their stream. A program that forgets to wait reads what was there before, and one that reuses the host's
// memory too early copies what it holds now.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

namespace tern::emulation {

class CopyQueue {
 public:
  void add(std::function<void()> copy);
  /// How many have been added so far.
  std::int64_t issued() const;
  /// Does the copies up to number `count` that are not done yet.
  void finish(std::int64_t count);

 private:
  mutable std::mutex mutex_;
  std::deque<std::function<void()>> pending_;
  std::int64_t done_ = 0;
};

/// How often the host has waited for the device so far: synchronising calls, and copies to host memory that
/// is not page-locked. Each thread counts for itself.
std::int64_t host_waits();

/// What `stream` is given next starts when its copies are done.
void finish_copies(cudaStream_t stream);

}  // namespace tern::emulation
