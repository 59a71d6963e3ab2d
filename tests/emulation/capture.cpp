#include "emulation/capture.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace tern::emulation {
namespace {

// Those under way. Never destroyed: streams may outlive main.
struct Captures {
  std::mutex mutex;
  std::vector<Capture*> all;
};
Captures& captures() {
  static auto* under_way = new Captures;
  return *under_way;
}

template <class Disturbs>
cudaError_t refuse_where(const Disturbs& disturbs) {
  cudaError_t error = cudaSuccess;
  const std::lock_guard<std::mutex> lock(captures().mutex);
  for (Capture* capture : captures().all) {
    if (!disturbs(*capture)) continue;
    capture->invalidate();
    error = cudaErrorStreamCaptureUnsupported;
  }
  return error;
}

}  // namespace

Capture::Capture(int device, cudaStreamCaptureMode mode) : device_(device), mode_(mode) {
  const std::lock_guard<std::mutex> lock(captures().mutex);
  captures().all.push_back(this);
}

Capture::~Capture() {
  const std::lock_guard<std::mutex> lock(captures().mutex);
  std::erase(captures().all, this);
}

bool Capture::add(std::function<void()> work) {
  if (valid_) work_.push_back(std::move(work));
  return valid_;
}

bool Capture::belongs_to_another_thread() const {
  return mode_ != cudaStreamCaptureModeRelaxed && thread_ != std::this_thread::get_id();
}

bool Capture::forbids_unsafe_calls(cudaStreamCaptureMode mode_of_thread) const {
  if (mode_of_thread == cudaStreamCaptureModeRelaxed || mode_ == cudaStreamCaptureModeRelaxed) return false;
  return thread_ == std::this_thread::get_id() ||
         (mode_ == cudaStreamCaptureModeGlobal && mode_of_thread == cudaStreamCaptureModeGlobal);
}

cudaStreamCaptureMode& capture_mode_of_thread() {
  thread_local cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  return mode;
}

cudaError_t check_unsafe_call() {
  return refuse_where(
      [](const Capture& capture) { return capture.forbids_unsafe_calls(capture_mode_of_thread()); });
}

cudaError_t check_wait_for_device(int device) {
  return refuse_where([device](const Capture& capture) { return capture.device() == device; });
}

}  // namespace tern::emulation
