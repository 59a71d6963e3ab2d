// What kernels/cuda/conv2d.cpp does with cuDNN, in the emulated build: device memory is host memory there, so
// the CPU's convolution takes its place.
#include "tern/kernels/conv2d.h"

#include <mutex>
#include <set>
#include <utility>

#include "emulation/libraries/library_call.h"
#include "tern/core/format.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/cuda/add_bias.h"

namespace tern::kernels::cuda {
namespace {

Tensor as(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  Tensor y = Tensor::empty(x.shape(), dtype, x.device());
  cpu::cast(x, y);
  return y;
}

// The problems so far, with their devices.
class Problems {
 public:
  void add(const char* op, const Tensor& x, const Tensor& w, const Conv2dParameters& p) {
    const std::lock_guard<std::mutex> lock(mutex_);
    lines_.emplace(x.device().index,
                   fmt::format("{} of {} x {}, w {}, stride {}, padding {}: emulated, workspace 0.0 MB", op,
                               x.dtype(), x.shape(), w.shape(), p.stride, p.padding));
  }

  std::vector<std::string> of_device(int index) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<std::string> lines;
    for (const auto& [device, line] : lines_) {
      if (device == index) lines.push_back(line);
    }
    return lines;
  }

 private:
  std::mutex mutex_;
  std::set<std::pair<int, std::string>> lines_;
};

Problems& problems() {
  static auto* all = new Problems;
  return *all;
}

}  // namespace

void conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dParameters& p, Tensor& y) {
  emulation::begin_library_call("cuDNN", {&x, &w}, y);
  problems().add("conv2d", x, w, p);
  cpu::conv2d(x, w, Tensor(), p, y);
  if (bias.defined()) add_bias(y, bias);
}

void conv2d_backward_data(const Tensor& dy, const Tensor& w, const Conv2dParameters& p, Tensor& dx) {
  emulation::begin_library_call("cuDNN", {&dy, &w}, dx);
  problems().add("conv2d_backward_data", dx, w, p);
  cpu::conv2d_backward_data(dy, w, p, dx);
}

void conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Conv2dParameters& p, Tensor& dw) {
  emulation::begin_library_call("cuDNN", {&dy, &x}, dw);
  problems().add("conv2d_backward_weights", x, dw, p);
  const DType factors = cpu::weight_gradient_factors(dy.dtype());
  Tensor sums = dw.dtype() == DType::f32 ? dw : Tensor::empty(dw.shape(), DType::f32, dw.device());
  cpu::conv2d_backward_weights(as(dy, factors), as(x, factors), p, sums);
  if (!sums.shares_storage_with(dw)) cpu::cast(sums, dw);
}

std::vector<std::string> conv2d_plans(int device_index) {
  return problems().of_device(device_index);
}

}  // namespace tern::kernels::cuda
