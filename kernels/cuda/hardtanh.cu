#include "tern/kernels/cuda/activation.cuh"
#include "tern/kernels/hardtanh.h"

namespace tern::kernels::cuda {

void hardtanh(const Tensor& x, Tensor& y) {
  activation<Hardtanh>(x, y);
}

void hardtanh_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  activation_backward<Hardtanh>(dy, y, dx);
}

}  // namespace tern::kernels::cuda
