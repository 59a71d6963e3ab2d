#include "tern/core/cuda/event.h"

#include "tern/core/cuda/runtime.h"

namespace tern::cuda {

Event::Event() {
  TERN_CUDA_CHECK(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming));
}

Event::~Event() {
  cudaEventDestroy(event_);
}

void Event::record(cudaStream_t stream) {
  TERN_CUDA_CHECK(cudaEventRecord(event_, stream));
}

void Event::make_stream_wait(cudaStream_t stream) const {
  TERN_CUDA_CHECK(cudaStreamWaitEvent(stream, event_, 0));
}

void Event::synchronise() const {
  TERN_CUDA_CHECK(cudaEventSynchronize(event_));
}

}  // namespace tern::cuda
