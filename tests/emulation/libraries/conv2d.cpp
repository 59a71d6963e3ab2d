// What kernels/cuda/conv2d.cpp does with cuDNN, in the emulated build: device memory is host memory there, so
// the CPU's convolution takes its place.
#include "tern/kernels/conv2d.h"

#include "emulation/libraries/library_call.h"
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

}  // namespace

void conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dParameters& p, Tensor& y) {
  emulation::begin_library_call("cuDNN", {&x, &w}, y);
  cpu::conv2d(x, w, Tensor(), p, y);
  if (bias.defined()) add_bias(y, bias);
}

void conv2d_backward_data(const Tensor& dy, const Tensor& w, const Conv2dParameters& p, Tensor& dx) {
  emulation::begin_library_call("cuDNN", {&dy, &w}, dx);
  cpu::conv2d_backward_data(dy, w, p, dx);
}

void conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Conv2dParameters& p, Tensor& dw) {
  emulation::begin_library_call("cuDNN", {&dy, &x}, dw);
  const DType factors = cpu::weight_gradient_factors(dy.dtype());
  Tensor sums = dw.dtype() == DType::f32 ? dw : Tensor::empty(dw.shape(), DType::f32, dw.device());
  cpu::conv2d_backward_weights(as(dy, factors), as(x, factors), p, sums);
  if (!sums.shares_storage_with(dw)) cpu::cast(sums, dw);
}

}  // namespace tern::kernels::cuda
