#include "tern/core/cuda/event.h"

#include "tern/core/cuda/runtime.h"
#include "tern/core/error.h"

namespace tern::cuda {

Event::Event() {
  TERN_CUDA_CHECK(cudaGetDevice(&device_));
  TERN_CUDA_CHECK(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming));
}

Event::~Event() {
  try {
    const DeviceGuard guard(device_);
    cudaEventDestroy(event_);
  } catch (const DeviceError&) {  // the program ends and CUDA has gone before
  }
}

void Event::record(cudaStream_t stream) {
  TERN_CUDA_CHECK(cudaEventRecord(event_, stream));
}

void Event::make_stream_wait(cudaStream_t stream) const {
  TERN_CUDA_CHECK(cudaStreamWaitEvent(stream, event_, 0));
}

bool Event::done() const {
  const DeviceGuard guard(device_);
  const cudaError_t state = cudaEventQuery(event_);
  if (state == cudaErrorNotReady) {
    cudaGetLastError();  // forgets it
    return false;
  }
  TERN_CUDA_CHECK(state);
  return true;
}

void Event::synchronise() const {
  const DeviceGuard guard(device_);
  TERN_CUDA_CHECK(cudaEventSynchronize(event_));
}

}  // namespace tern::cuda
