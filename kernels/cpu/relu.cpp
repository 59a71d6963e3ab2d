#include "tern/kernels/relu.h"

#include "tern/kernels/cpu/activation.h"

namespace tern::kernels::cpu {

void relu(const Tensor& x, Tensor& y) {
  activation<Relu>(x, y);
}

void relu_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  activation_backward<Relu>(dy, y, dx);
}

}  // namespace tern::kernels::cpu
