#include "tern/kernels/cuda/activation.cuh"
#include "tern/kernels/relu.h"

namespace tern::kernels::cuda {

void relu(const Tensor& x, Tensor& y) {
  activation<Relu>(x, y);
}

void relu_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  activation_backward<Relu>(dy, y, dx);
}

}  // namespace tern::kernels::cuda
