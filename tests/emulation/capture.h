// Stream capture: what a stream is given between cudaStreamBeginCapture and cudaStreamEndCapture is not done
// but kept, for a graph. As with CUDA the arguments of kernels are kept as they are then: a number stays what
// it was, an address is one of memory that somebody else may get meanwhile.
//
// What CUDA forbids meanwhile is refused and invalidates the capture: to wait for the stream, to copy between
// it and memory of the host that is not page-locked, to ask for an event that it recorded; and, unless the
// capture or the thread is in the mode cudaStreamCaptureModeRelaxed, to allocate and free memory, to ask for
// any event and to copy at once. A capture has one stream: none joins it by events.
#pragma once

#include <cuda_runtime.h>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace tern::emulation {

using GraphWork = std::vector<std::function<void()>>;

class Capture {
 public:
  Capture(int device, cudaStreamCaptureMode mode);
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// False, and nothing is kept, if the capture is invalid.
  bool add(std::function<void()> work);
  void invalidate() { valid_ = false; }
  bool valid() const { return valid_; }
  int device() const { return device_; }
  /// Whether the calling thread may not end it.
  bool belongs_to_another_thread() const;
  /// Whether it forbids the calling thread, whose mode is this, what may be unsafe.
  bool forbids_unsafe_calls(cudaStreamCaptureMode mode_of_thread) const;
  GraphWork take() { return std::move(work_); }

 private:
  const int device_;
  const cudaStreamCaptureMode mode_;
  const std::thread::id thread_ = std::this_thread::get_id();
  bool valid_ = true;
  GraphWork work_;
};

/// cudaSuccess, or what a call gets that is forbidden now; then the captures that it disturbs are invalid.
cudaError_t check_unsafe_call();
cudaError_t check_wait_for_device(int device);

/// That of the calling thread.
cudaStreamCaptureMode& capture_mode_of_thread();

}  // namespace tern::emulation
