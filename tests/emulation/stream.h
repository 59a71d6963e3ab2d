// Work under way on a stream: copies that cudaMemcpyAsync was asked for from page-locked memory, and what
// libraries/nccl.cpp exchanges with other devices.
//
// It is done as late as the program allows, in the call that waits or asks for it or before the next work on
// its stream. A program that forgets to wait reads what was there before, and one that reuses the host's
// memory too early copies what it holds now.
//
// With shuffled streams kernels, fills and other copies are queued as well, as on a GPU, and whatever waits
// for a stream has pieces of work of all streams done in a random order, each stream's in its own, until its
// own are. What is right only because nothing overlaps is then wrong for some seed. Whatever waits for a
// device waits for its streams alone.
#pragma once

#include <cuda_runtime.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace tern::emulation {

/// Does what it can without waiting; true once it is done. Not called any more after that.
using StreamWork = std::function<bool()>;

/// The work of a stream. Events and waits for it keep it when the stream is destroyed, and so does work that
/// is left where streams are shuffled.
class WorkQueue {
 public:
  explicit WorkQueue(int device) : device_(device) {}

  int device() const { return device_; }
  void add(StreamWork work);
  /// How many have been added so far.
  std::int64_t issued() const;
  /// Does what is not done yet up to number `count`, in order, as far as that goes now; true if that is all.
  bool advance(std::int64_t count);
  /// The same until it is all, asleep while none can be done.
  void finish(std::int64_t count);
  /// How many are done.
  std::int64_t done() const { return done_; }
  /// Does the oldest if it can be done now; whether it was.
  bool step();

 private:
  mutable std::mutex mutex_;
  std::deque<StreamWork> pending_;
  std::atomic<std::int64_t> done_ = 0;
  const int device_;
};

/// That of a new stream of `device`.
std::shared_ptr<WorkQueue> open_queue(int device);

/// Shuffles the streams of the process by this seed from now on; 0: not any more, which finishes what is
/// queued. TERN_EMULATED_STREAMS=SEED in the environment does it from the start.
void shuffle_streams(std::uint64_t seed);

/// A kernel, fill, copy or graph: done at once behind what the stream has, queued where streams are shuffled,
/// or kept where the stream is captured (capture.h).
void do_or_queue(cudaStream_t stream, std::function<void()> work);
/// The same where streams are not shuffled; where they are, it is done at once, too.
void do_now(cudaStream_t stream, std::function<void()> work);

/// Finishes what the streams of `device`, or of all, have been given. Where streams are shuffled, freeing
/// memory waits so, as on a GPU: that of a device for the device, that of the host for all.
void finish_streams(int device);
void finish_all_streams();
bool streams_are_shuffled();

/// How often the host has waited for the device so far: synchronising calls, and copies to host memory that
/// is not page-locked. Each thread counts for itself.
std::int64_t host_waits();

/// How often the host has given a stream something to do so far: kernels and graphs, fills, copies, calls of
/// libraries. What is captured is given by the launch of its graph. Each thread counts for itself.
std::int64_t work_given();

/// Event number `number` that the calling thread records from now on, 1 being the next, fails to be recorded,
/// as all do once a kernel has failed.
void fail_event_record(int number);

void add_work(cudaStream_t stream, StreamWork work);

/// What `stream` is given next starts when what it has is done.
void finish_work(cudaStream_t stream);

}  // namespace tern::emulation
