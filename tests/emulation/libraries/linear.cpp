// What kernels/cuda/linear.cpp does with cuBLAS, in the emulated build: device memory is host memory there,
// so the CPU's product takes its place.
#include "tern/kernels/linear.h"

#include "emulation/libraries/library_call.h"
#include "tern/kernels/cuda/add_bias.h"

namespace tern::kernels::cuda {

void linear(const Tensor& x, const Tensor& w, const Tensor& bias, Tensor& y) {
  emulation::begin_library_call("cuBLAS", {&x, &w}, y);
  cpu::linear(x, w, Tensor(), y);
  if (bias.defined()) add_bias(y, bias);
}

void linear_backward_data(const Tensor& dy, const Tensor& w, Tensor& dx) {
  emulation::begin_library_call("cuBLAS", {&dy, &w}, dx);
  cpu::linear_backward_data(dy, w, dx);
}

void linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor& dw) {
  emulation::begin_library_call("cuBLAS", {&dy, &x}, dw);
  cpu::linear_backward_weight(dy, x, dw);
}

}  // namespace tern::kernels::cuda
