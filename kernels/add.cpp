#include "tern/kernels/add.h"

#include "tern/kernels/common/check_float.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {
namespace {

constexpr Kernel<decltype(cpu::add)> kernel{"add", &cpu::add, TERN_CUDA_KERNEL(cuda::add)};

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
  check_float("add", "a", a, a.shape().rank());
  check_same("add", "a", a, "b", b);
  Tensor y = Tensor::empty_like(a);
  kernel(a.device(), a, b, y);
  return y;
}

void accumulate(Tensor& total, const Tensor& x) {
  check_float("accumulate", "total", total, total.shape().rank());
  check_same("accumulate", "total", total, "x", x);
  kernel(total.device(), total, x, total);
}

}  // namespace tern::kernels
