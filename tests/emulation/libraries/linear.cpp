// What kernels/cuda/linear.cpp does with cuBLAS, in the emulated build: device memory is host memory there,
// so the CPU's product takes its place.
#include "tern/kernels/linear.h"

#include "emulation/libraries/library_call.h"
#include "tern/kernels/cuda/add_bias.h"

namespace tern::kernels::cuda {

void linear(const Tensor& x, const Tensor& w, const Tensor& bias, Tensor& y) {
  emulation::library_call("cuBLAS", {&x, &w}, y, [](const std::vector<Tensor>& of, Tensor& to) {
    cpu::linear(of[0], of[1], Tensor(), to);
  });
  if (bias.defined()) add_bias(y, bias);
}

void linear_backward_data(const Tensor& dy, const Tensor& w, Tensor& dx) {
  emulation::library_call("cuBLAS", {&dy, &w}, dx, [](const std::vector<Tensor>& of, Tensor& to) {
    cpu::linear_backward_data(of[0], of[1], to);
  });
}

void linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor& dw) {
  emulation::library_call("cuBLAS", {&dy, &x}, dw, [](const std::vector<Tensor>& of, Tensor& to) {
    cpu::linear_backward_weight(of[0], of[1], to);
  });
}

}  // namespace tern::kernels::cuda
