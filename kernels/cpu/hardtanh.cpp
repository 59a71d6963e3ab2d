#include "tern/kernels/hardtanh.h"

#include "tern/kernels/cpu/activation.h"

namespace tern::kernels::cpu {

void hardtanh(const Tensor& x, Tensor& y) {
  activation<Hardtanh>(x, y);
}

void hardtanh_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  activation_backward<Hardtanh>(dy, y, dx);
}

}  // namespace tern::kernels::cpu
