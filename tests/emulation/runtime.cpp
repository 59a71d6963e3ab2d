// The runtime API of toolkit/cuda_runtime.h.
#include <cuda_runtime.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "emulation/device_limits.h"
#include "emulation/device_memory.h"
#include "emulation/devices.h"
#include "emulation/handles.h"
#include "emulation/stream.h"
#include "emulation/traffic.h"

using namespace tern::emulation;

namespace {

thread_local cudaError_t last_error = cudaSuccess;
thread_local std::int64_t waits = 0;
thread_local std::int64_t given = 0;
thread_local int records_to_failure = 0;  // 0: none fails

cudaError_t result(bool valid) {
  return tern::emulation::result(valid ? cudaSuccess : cudaErrorInvalidValue);
}
using tern::emulation::result;

struct ErrorText {
  cudaError_t error;
  const char* name;
  const char* description;
};
constexpr ErrorText kErrors[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver", "the driver is older than the runtime"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorIllegalState, "cudaErrorIllegalState",
     "the operation cannot be performed in the present state"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "operation not permitted when stream is capturing"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "operation failed due to a previous error during capture"},
    {cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation",
     "dependency created on uncaptured work in another stream"},
    {cudaErrorCapturedEvent, "cudaErrorCapturedEvent",
     "operation not permitted on an event last recorded in a capturing stream"},
    {cudaErrorStreamCaptureWrongThread, "cudaErrorStreamCaptureWrongThread",
     "attempt to terminate a thread-local capture sequence from another thread"},
};

const ErrorText& text_of(cudaError_t error) {
  for (const ErrorText& text : kErrors) {
    if (text.error == error) return text;
  }
  static constexpr ErrorText kUnknown{cudaSuccess, "unknown", "an error that the emulator does not know"};
  return kUnknown;
}

DeviceMemory& page_locked_memory() {
  static auto* memory = new DeviceMemory(std::numeric_limits<std::size_t>::max());  // as device_memory()
  return *memory;
}

int device_of_stream(cudaStream_t stream) {
  return stream == nullptr ? current_device() : stream->queue->device();
}

// Whether both ends of a copy are on the side that `kind` says, and none on another device than `device`.
bool fits(const void* to, const void* from, cudaMemcpyKind kind, int device) {
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  return kind == cudaMemcpyDefault || (device_of(to) == (to_device ? device : kNoDevice) &&
                                       device_of(from) == (from_device ? device : kNoDevice));
}

// What a copy or fill moves, as far as it is memory of a device.
void count_transfer(const char* function, const void* to, const void* from, std::size_t bytes) {
  count_traffic({"", function}, device_of(from) == kNoDevice ? 0 : bytes,
                device_of(to) == kNoDevice ? 0 : bytes);
}

cudaError_t copy_now(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, int device) {
  if (bytes == 0) return cudaSuccess;
  if (!fits(to, from, kind, device)) return result(cudaErrorInvalidValue);
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}

}  // namespace

cudaError_t tern::emulation::result(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

std::int64_t tern::emulation::host_waits() {
  return waits;
}

std::int64_t tern::emulation::work_given() {
  return given;
}

void tern::emulation::fail_event_record(int number) {
  records_to_failure = number;
}

void tern::emulation::add_work(cudaStream_t stream, StreamWork work) {
  if (result(check_not_captured(stream)) != cudaSuccess) return;
  ++given;
  stream->queue->add(std::move(work));
}

void tern::emulation::finish_work(cudaStream_t stream) {
  if (stream != nullptr) stream->queue->finish(stream->queue->issued());
}

void tern::emulation::do_or_queue(cudaStream_t stream, std::function<void()> work) {
  if (capture_of(stream) != nullptr || stream == nullptr || !streams_are_shuffled()) {
    return do_now(stream, std::move(work));
  }
  ++given;
  stream->queue->add([work = std::move(work)] {
    work();
    return true;
  });
}

void tern::emulation::do_now(cudaStream_t stream, std::function<void()> work) {
  if (Capture* const capture = capture_of(stream)) {
    if (!capture->add(std::move(work))) result(cudaErrorStreamCaptureInvalidated);
    return;
  }
  ++given;
  finish_work(stream);
  work();
}

const char* cudaGetErrorName(cudaError_t error) {
  return text_of(error).name;
}
const char* cudaGetErrorString(cudaError_t error) {
  return text_of(error).description;
}
cudaError_t cudaPeekAtLastError() {
  return last_error;
}
cudaError_t cudaGetLastError() {
  return std::exchange(last_error, cudaSuccess);
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = kCudaVersion;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = kCudaVersion;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
  *count = device_count();
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = current_device();
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  return result(choose_device(device) ? cudaSuccess : cudaErrorInvalidDevice);
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device < 0 || device >= device_count()) return result(cudaErrorInvalidDevice);
  *properties = {};
  std::strcpy(properties->name, "emulated");
  properties->totalGlobalMem = device_memory(device).total();
  properties->sharedMemPerBlock = kMaxStaticSharedBytes;
  properties->sharedMemPerBlockOptin = kMaxSharedBytes;
  properties->warpSize = kWarpSize;
  properties->maxThreadsPerBlock = kMaxThreadsPerBlock;
  properties->multiProcessorCount = 1;
  properties->major = kComputeCapabilityMajor;
  properties->minor = kComputeCapabilityMinor;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (device < 0 || device >= device_count()) return result(cudaErrorInvalidDevice);
  switch (attribute) {
    case cudaDevAttrMultiProcessorCount:
      *value = 1;
      break;
    case cudaDevAttrComputeCapabilityMajor:
      *value = kComputeCapabilityMajor;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *value = kComputeCapabilityMinor;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = static_cast<int>(kMaxSharedBytes);
      break;
  }
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  use_current_device();
  const cudaError_t refused = check_wait_for_device(current_device());
  if (refused != cudaSuccess) return result(refused);
  ++waits;
  finish_streams(current_device());
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  use_current_device();
  *stream = new CUstream_st{open_queue(current_device()), nullptr};
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  use_current_device();
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  use_current_device();
  if (const cudaError_t refused = check_not_captured(stream); refused != cudaSuccess) return result(refused);
  ++waits;
  finish_work(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  use_current_device();
  if (event == nullptr) return result(false);
  if (Capture* const capture = capture_of(stream)) {
    if (event->captured) return cudaSuccess;
    capture->invalidate();
    return result(cudaErrorStreamCaptureIsolation);
  }
  if (event->captured) return result(cudaErrorStreamCaptureUnsupported);  // it would join the capture
  if (stream != nullptr && event->queue != nullptr && streams_are_shuffled()) {
    stream->queue->add([of = event->queue, work = event->work] { return of->done() >= work; });
  } else {
    event->finish();
  }
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  use_current_device();
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  use_current_device();
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  use_current_device();
  if (device_of_stream(stream) != event->device) return result(cudaErrorInvalidResourceHandle);
  if (records_to_failure > 0 && --records_to_failure == 0) return result(cudaErrorLaunchFailure);
  event->captured = capture_of(stream) != nullptr;
  if (event->captured) return cudaSuccess;
  event->recorded = std::chrono::steady_clock::now();
  event->queue = stream == nullptr ? nullptr : stream->queue;
  event->work = stream == nullptr ? 0 : stream->queue->issued();
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  use_current_device();
  if (event == nullptr) return result(cudaErrorInvalidValue);
  if (event->captured) return result(cudaErrorCapturedEvent);
  if (const cudaError_t refused = check_unsafe_call(); refused != cudaSuccess) return result(refused);
  return result(event->advance() ? cudaSuccess : cudaErrorNotReady);
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  use_current_device();
  if (event == nullptr) return result(cudaErrorInvalidValue);
  if (event->captured) return result(cudaErrorCapturedEvent);
  if (const cudaError_t refused = check_unsafe_call(); refused != cudaSuccess) return result(refused);
  ++waits;
  event->finish();
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to) {
  *milliseconds = std::chrono::duration<float, std::milli>(to->recorded - from->recorded).count();
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  use_current_device();
  if (const cudaError_t refused = check_unsafe_call(); refused != cudaSuccess) return result(refused);
  *pointer = device_memory(current_device()).allocate(bytes);
  return result(*pointer != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}
cudaError_t cudaFree(void* pointer) {
  use_current_device();
  if (const cudaError_t refused = check_unsafe_call(); refused != cudaSuccess) return result(refused);
  const int device = device_of(pointer);
  if (streams_are_shuffled()) finish_streams(device);
  return result(pointer == nullptr || (device != kNoDevice && device_memory(device).deallocate(pointer)));
}
cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  return cudaHostAlloc(pointer, bytes, cudaHostAllocDefault);
}
cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  use_current_device();
  if (const cudaError_t refused = check_unsafe_call(); refused != cudaSuccess) return result(refused);
  *pointer = page_locked_memory().allocate(bytes);
  return result(*pointer != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}
cudaError_t cudaFreeHost(void* pointer) {
  use_current_device();
  if (const cudaError_t refused = check_unsafe_call(); refused != cudaSuccess) return result(refused);
  if (streams_are_shuffled()) finish_all_streams();
  return result(pointer == nullptr || page_locked_memory().deallocate(pointer));
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  use_current_device();
  const DeviceMemory& memory = device_memory(current_device());
  *total = memory.total();
  *free = *total - memory.used();
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  use_current_device();
  if (const cudaError_t refused = check_unsafe_call(); refused != cudaSuccess) return result(refused);
  ++waits;
  count_transfer("cudaMemcpy", to, from, bytes);
  return copy_now(to, from, bytes, kind, current_device());
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  use_current_device();
  if (bytes != 0 && !fits(to, from, kind, device_of_stream(stream))) return result(cudaErrorInvalidValue);
  const auto copy = [=] {
    count_transfer("cudaMemcpyAsync", to, from, bytes);
    std::memcpy(to, from, bytes);
  };
  const bool waits_for_host = !page_locked_memory().holds(device_of(from) == kNoDevice ? from : to);
  if (stream == nullptr || (waits_for_host && kind != cudaMemcpyDeviceToDevice)) {
    if (const cudaError_t refused = check_not_captured(stream); refused != cudaSuccess)
      return result(refused);
    if (kind == cudaMemcpyDeviceToHost && !page_locked_memory().holds(to)) ++waits;
    do_now(stream, copy);
    return cudaSuccess;
  }
  if (capture_of(stream) != nullptr || !page_locked_memory().holds(from)) {
    do_or_queue(stream, copy);
    return cudaSuccess;
  }
  add_work(stream, [=] {
    copy();
    return true;
  });
  return cudaSuccess;
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  use_current_device();
  if (const cudaError_t refused = check_unsafe_call(); refused != cudaSuccess) return result(refused);
  if (device_of(to) != current_device()) return result(cudaErrorInvalidValue);
  count_transfer("cudaMemset", to, nullptr, bytes);
  std::memset(to, value, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  use_current_device();
  if (device_of(to) != device_of_stream(stream)) return result(cudaErrorInvalidValue);
  do_or_queue(stream, [=] {
    count_transfer("cudaMemsetAsync", to, nullptr, bytes);
    std::memset(to, value, bytes);
  });
  return cudaSuccess;
}
