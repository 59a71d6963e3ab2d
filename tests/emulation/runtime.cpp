// The runtime API of toolkit/cuda_runtime.h.
#include <cuda_runtime.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "emulation/device_limits.h"
#include "emulation/device_memory.h"
#include "emulation/devices.h"
#include "emulation/stream.h"
#include "emulation/traffic.h"

using namespace tern::emulation;

struct CUstream_st {
  std::shared_ptr<WorkQueue> queue;
};
struct CUevent_st {
  int device = current_device();
  std::chrono::steady_clock::time_point recorded;
  std::shared_ptr<WorkQueue> queue;  // of the stream, which may be destroyed meanwhile; null: nothing to do
  std::int64_t work = 0;             // of the stream before the event

  bool advance() const { return queue == nullptr || queue->advance(work); }
  void finish() const {
    if (queue != nullptr) queue->finish(work);
  }
};

namespace {

thread_local cudaError_t last_error = cudaSuccess;
thread_local std::int64_t waits = 0;
thread_local int records_to_failure = 0;  // 0: none fails

cudaError_t result(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

cudaError_t result(bool valid) {
  return result(valid ? cudaSuccess : cudaErrorInvalidValue);
}

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
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
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

std::int64_t tern::emulation::host_waits() {
  return waits;
}

void tern::emulation::fail_event_record(int number) {
  records_to_failure = number;
}

void tern::emulation::add_work(cudaStream_t stream, StreamWork work) {
  stream->queue->add(std::move(work));
}

void tern::emulation::finish_work(cudaStream_t stream) {
  if (stream != nullptr) stream->queue->finish(stream->queue->issued());
}

void tern::emulation::do_or_queue(cudaStream_t stream, std::function<void()> work) {
  if (stream != nullptr && streams_are_shuffled()) {
    return stream->queue->add([work = std::move(work)] {
      work();
      return true;
    });
  }
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
  ++waits;
  finish_streams(current_device());
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  use_current_device();
  *stream = new CUstream_st{open_queue(current_device())};
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  use_current_device();
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  use_current_device();
  ++waits;
  finish_work(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  use_current_device();
  if (event == nullptr) return result(false);
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
  event->recorded = std::chrono::steady_clock::now();
  event->queue = stream == nullptr ? nullptr : stream->queue;
  event->work = stream == nullptr ? 0 : stream->queue->issued();
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  use_current_device();
  if (event == nullptr) return result(cudaErrorInvalidValue);
  return result(event->advance() ? cudaSuccess : cudaErrorNotReady);
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  use_current_device();
  ++waits;
  if (event != nullptr) event->finish();
  return result(event != nullptr);
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to) {
  *milliseconds = std::chrono::duration<float, std::milli>(to->recorded - from->recorded).count();
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  use_current_device();
  *pointer = device_memory(current_device()).allocate(bytes);
  return result(*pointer != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}
cudaError_t cudaFree(void* pointer) {
  use_current_device();
  const int device = device_of(pointer);
  if (streams_are_shuffled()) finish_streams(device);
  return result(pointer == nullptr || (device != kNoDevice && device_memory(device).deallocate(pointer)));
}
cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  return cudaHostAlloc(pointer, bytes, cudaHostAllocDefault);
}
cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  use_current_device();
  *pointer = page_locked_memory().allocate(bytes);
  return result(*pointer != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}
cudaError_t cudaFreeHost(void* pointer) {
  use_current_device();
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
  ++waits;
  count_transfer("cudaMemcpy", to, from, bytes);
  return copy_now(to, from, bytes, kind, current_device());
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  use_current_device();
  if (bytes != 0 && !fits(to, from, kind, device_of_stream(stream))) return result(cudaErrorInvalidValue);
  count_transfer("cudaMemcpyAsync", to, from, bytes);
  const bool waits_for_host = !page_locked_memory().holds(device_of(from) == kNoDevice ? from : to);
  if (stream == nullptr || (waits_for_host && kind != cudaMemcpyDeviceToDevice)) {
    finish_work(stream);
    if (kind == cudaMemcpyDeviceToHost && !page_locked_memory().holds(to)) ++waits;
    return copy_now(to, from, bytes, kind, device_of_stream(stream));
  }
  if (!page_locked_memory().holds(from)) {
    do_or_queue(stream, [=] { std::memcpy(to, from, bytes); });
    return cudaSuccess;
  }
  stream->queue->add([=] {
    std::memcpy(to, from, bytes);
    return true;
  });
  return cudaSuccess;
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  use_current_device();
  if (device_of(to) != current_device()) return result(cudaErrorInvalidValue);
  count_transfer("cudaMemset", to, nullptr, bytes);
  std::memset(to, value, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  use_current_device();
  if (device_of(to) != device_of_stream(stream)) return result(cudaErrorInvalidValue);
  count_transfer("cudaMemsetAsync", to, nullptr, bytes);
  do_or_queue(stream, [=] { std::memset(to, value, bytes); });
  return cudaSuccess;
}
