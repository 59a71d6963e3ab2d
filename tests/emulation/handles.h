// What streams, events and graphs of the runtime API are.
#pragma once

#include <cuda_runtime.h>

#include <chrono>
#include <cstdint>
#include <memory>

#include "emulation/capture.h"
#include "emulation/devices.h"
#include "emulation/stream.h"

struct CUstream_st {
  std::shared_ptr<tern::emulation::WorkQueue> queue;
  std::unique_ptr<tern::emulation::Capture> capture;  // null: what comes is done
};

struct CUevent_st {
  int device = tern::emulation::current_device();
  std::chrono::steady_clock::time_point recorded;
  std::shared_ptr<tern::emulation::WorkQueue>
      queue;              // of the stream, which may be destroyed meanwhile; null: nothing to do
  std::int64_t work = 0;  // of the stream before the event
  bool captured = false;  // recorded while its stream was captured

  bool advance() const { return queue == nullptr || queue->advance(work); }
  void finish() const {
    if (queue != nullptr) queue->finish(work);
  }
};

struct CUgraph_st {
  tern::emulation::GraphWork work;
};

struct CUgraphExec_st {
  std::shared_ptr<const tern::emulation::GraphWork> work;  // launches that are queued have it, too
};

namespace tern::emulation {

/// What a call returns: remembers the error, for cudaGetLastError.
cudaError_t result(cudaError_t error);

/// That under which `stream` is; null if it is not captured.
inline Capture* capture_of(cudaStream_t stream) {
  return stream == nullptr ? nullptr : stream->capture.get();
}

/// As check_unsafe_call(), for a call that may not be made while `stream` is captured.
inline cudaError_t check_not_captured(cudaStream_t stream) {
  Capture* const capture = capture_of(stream);
  if (capture == nullptr) return cudaSuccess;
  capture->invalidate();
  return cudaErrorStreamCaptureUnsupported;
}

}  // namespace tern::emulation
