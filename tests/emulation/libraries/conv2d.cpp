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
  problems().add("conv2d", x, w, p);
  emulation::library_call("cuDNN", {&x, &w}, y, [p](const std::vector<Tensor>& of, Tensor& to) {
    cpu::conv2d(of[0], of[1], Tensor(), p, to);
  });
  if (bias.defined()) add_bias(y, bias);
}

void conv2d_backward_data(const Tensor& dy, const Tensor& w, const Conv2dParameters& p, Tensor& dx) {
  problems().add("conv2d_backward_data", dx, w, p);
  emulation::library_call("cuDNN", {&dy, &w}, dx, [p](const std::vector<Tensor>& of, Tensor& to) {
    cpu::conv2d_backward_data(of[0], of[1], p, to);
  });
}

void conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Conv2dParameters& p, Tensor& dw) {
  problems().add("conv2d_backward_weights", x, dw, p);
  emulation::library_call("cuDNN", {&dy, &x}, dw, [p](const std::vector<Tensor>& of, Tensor& to) {
    const DType factors = cpu::weight_gradient_factors(of[0].dtype());
    Tensor sums = to.dtype() == DType::f32 ? to : Tensor::empty(to.shape());
    cpu::conv2d_backward_weights(as(of[0], factors), as(of[1], factors), p, sums);
    if (!sums.shares_storage_with(to)) cpu::cast(sums, to);
  });
}

std::vector<std::string> conv2d_plans(int device_index) {
  return problems().of_device(device_index);
}

}  // namespace tern::kernels::cuda
