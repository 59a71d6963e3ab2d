#include "tern/kernels/symmetric_product.h"

#include "tern/kernels/cpu/gemm.h"

namespace tern::kernels::cpu {

void gram_matrix(const Tensor& x, Tensor& c) {
  const auto* p = x.data<float>();
  const std::int64_t n = x.dim(0), k = x.dim(1);
  symmetric_gemm(n, k, {p, k}, {p, k, true}, c.data<float>());
}

void symmetric_product(const Tensor& a, const Tensor& b, Tensor& c) {
  const std::int64_t n = a.dim(0);
  symmetric_gemm(n, n, {a.data<float>(), n}, {b.data<float>(), n}, c.data<float>());
}

}  // namespace tern::kernels::cpu
