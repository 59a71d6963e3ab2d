#include "tern/kernels/symmetric_product.h"

#include "tern/kernels/common/check.h"
#include "tern/kernels/linear.h"

namespace tern::kernels {
namespace {

bool is_on_cpu(const Tensor& x) {
  return x.device().type == DeviceType::cpu;
}

}  // namespace

Tensor gram_matrix(const Tensor& x) {
  check_f32("gram_matrix", "x", x, 2);
  if (!is_on_cpu(x)) return linear(x, x, Tensor());
  Tensor c = Tensor::empty({x.dim(0), x.dim(0)}, DType::f32);
  cpu::gram_matrix(x, c);
  return c;
}

Tensor symmetric_product(const Tensor& a, const Tensor& b) {
  check_f32("symmetric_product", "a", a, 2);
  check_same("symmetric_product", "a", a, "b", b);
  require<ShapeError>(a.dim(0) == a.dim(1), "symmetric_product: a is {}, expected a square", a.shape());
  if (!is_on_cpu(a)) return linear_backward_data(a, b);
  Tensor c = Tensor::empty_like(a);
  cpu::symmetric_product(a, b, c);
  return c;
}

}  // namespace tern::kernels
