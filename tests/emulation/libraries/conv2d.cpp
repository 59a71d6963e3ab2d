// What kernels/cuda/conv2d.cpp does with cuDNN, in the emulated build: device memory is host memory there, so
// the CPU's convolution takes its place.
#include "tern/kernels/conv2d.h"

#include "emulation/stream.h"
#include "tern/core/cuda/runtime.h"
#include "tern/kernels/cuda/add_bias.h"

namespace tern::kernels::cuda {

void conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dParameters& p, Tensor& y) {
  emulation::finish_work(::tern::cuda::stream());
  cpu::conv2d(x, w, Tensor(), p, y);
  if (bias.defined()) add_bias(y, bias);
}

void conv2d_backward_data(const Tensor& dy, const Tensor& w, const Conv2dParameters& p, Tensor& dx) {
  emulation::finish_work(::tern::cuda::stream());
  cpu::conv2d_backward_data(dy, w, p, dx);
}

void conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Conv2dParameters& p, Tensor& dw) {
  emulation::finish_work(::tern::cuda::stream());
  cpu::conv2d_backward_weights(dy, x, p, dw);
}

}  // namespace tern::kernels::cuda
