// The runtime API of toolkit/cuda_runtime.h.
#include <cuda_runtime.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "emulation/device_limits.h"
#include "emulation/device_memory.h"
#include "emulation/stream.h"

using namespace tern::emulation;

struct CUstream_st : CopyQueue {};
struct CUevent_st {
  std::chrono::steady_clock::time_point recorded;
  cudaStream_t stream = nullptr;
  std::int64_t copies = 0;  // of the stream before the event

  void finish_copies() const {
    if (stream != nullptr) stream->finish(copies);
  }
};

namespace {

thread_local cudaError_t last_error = cudaSuccess;
thread_local std::int64_t waits = 0;

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
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
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

// Whether both ends of a copy are on the side that `kind` says.
bool fits(const void* to, const void* from, cudaMemcpyKind kind) {
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  const DeviceMemory& memory = device_memory();
  return kind == cudaMemcpyDefault || (memory.holds(to) == to_device && memory.holds(from) == from_device);
}

cudaError_t copy_now(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (bytes == 0) return cudaSuccess;
  if (!fits(to, from, kind)) return result(cudaErrorInvalidValue);
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}

}  // namespace

std::int64_t tern::emulation::host_waits() {
  return waits;
}

void tern::emulation::finish_copies(cudaStream_t stream) {
  if (stream != nullptr) stream->finish(stream->issued());
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
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  return result(device == 0 ? cudaSuccess : cudaErrorInvalidDevice);
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  *properties = {};
  std::strcpy(properties->name, "emulated");
  properties->totalGlobalMem = device_memory().total();
  properties->sharedMemPerBlock = kMaxStaticSharedBytes;
  properties->sharedMemPerBlockOptin = kMaxSharedBytes;
  properties->warpSize = kWarpSize;
  properties->maxThreadsPerBlock = kMaxThreadsPerBlock;
  properties->multiProcessorCount = 1;
  properties->major = kComputeCapabilityMajor;
  properties->minor = kComputeCapabilityMinor;
  return cudaSetDevice(device);
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
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
  return cudaSetDevice(device);
}
cudaError_t cudaDeviceSynchronize() {
  ++waits;
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  ++waits;
  finish_copies(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t event, unsigned) {
  if (event != nullptr) event->finish_copies();
  return result(event != nullptr);
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  event->recorded = std::chrono::steady_clock::now();
  event->stream = stream;
  event->copies = stream == nullptr ? 0 : stream->issued();
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  return result(event != nullptr);
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  ++waits;
  if (event != nullptr) event->finish_copies();
  return result(event != nullptr);
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t from, cudaEvent_t to) {
  *milliseconds = std::chrono::duration<float, std::milli>(to->recorded - from->recorded).count();
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  *pointer = device_memory().allocate(bytes);
  return result(*pointer != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}
cudaError_t cudaFree(void* pointer) {
  return result(pointer == nullptr || device_memory().deallocate(pointer));
}
cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  return cudaHostAlloc(pointer, bytes, cudaHostAllocDefault);
}
cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  *pointer = page_locked_memory().allocate(bytes);
  return result(*pointer != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}
cudaError_t cudaFreeHost(void* pointer) {
  return result(pointer == nullptr || page_locked_memory().deallocate(pointer));
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *total = device_memory().total();
  *free = *total - device_memory().used();
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  ++waits;
  return copy_now(to, from, bytes, kind);
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  if (stream == nullptr || !page_locked_memory().holds(from)) {
    finish_copies(stream);
    if (kind == cudaMemcpyDeviceToHost && !page_locked_memory().holds(to)) ++waits;
    return copy_now(to, from, bytes, kind);
  }
  if (!fits(to, from, kind)) return result(cudaErrorInvalidValue);
  stream->add([=] { std::memcpy(to, from, bytes); });
  return cudaSuccess;
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  if (!device_memory().holds(to)) return result(cudaErrorInvalidValue);
  std::memset(to, value, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  finish_copies(stream);
  return cudaMemset(to, value, bytes);
}
