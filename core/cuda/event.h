// A point in the work of a stream. Not for public headers: it includes CUDA's own.
#pragma once

#include <cuda_runtime.h>

namespace tern::cuda {

/// Belongs to the device that is current when it is made.
class Event {
 public:
  Event();
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// The event is complete when all work queued on `stream` so far is done.
  void record(cudaStream_t stream);
  /// Work queued on `stream` from now on waits for the event.
  void make_stream_wait(cudaStream_t stream) const;
  /// Whether the event is complete.
  bool done() const;
  /// The host waits for the event.
  void synchronise() const;

 private:
  int device_ = 0;
  cudaEvent_t event_ = nullptr;
};

}  // namespace tern::cuda
