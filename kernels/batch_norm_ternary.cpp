#include "tern/kernels/batch_norm_ternary.h"

#include "tern/kernels/common/batch_norm_check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

TernaryActivations batch_norm_ternary(const Tensor& x, const BatchNormTerms& terms, const std::string& layer,
                                      bool pack) {
  static constexpr Kernel<decltype(cpu::batch_norm_ternary)> kernel{
      "batch_norm_ternary", &cpu::batch_norm_ternary, TERN_CUDA_KERNEL(cuda::batch_norm_ternary)};
  check_normalisation("batch_norm_ternary", x, terms);
  TernaryActivations y{Tensor::empty(x.shape(), DType::i8, x.device()),
                       pack ? PackedTernary::empty(x.shape(), x.device()) : PackedTernary()};
  FiniteCheck finite = finite_check_of_layer(x.device(), layer);
  kernel(x.device(), x, terms, y, finite.flag());
  finite.throw_or_defer();
  return y;
}

BatchNormGradients batch_norm_ternary_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                               const BatchStatistics& statistics) {
  static constexpr Kernel<decltype(cpu::batch_norm_ternary_backward)> kernel{
      "batch_norm_ternary_backward", &cpu::batch_norm_ternary_backward,
      TERN_CUDA_KERNEL(cuda::batch_norm_ternary_backward)};
  check_normalisation("batch_norm_ternary_backward", x, terms);
  check_same("batch_norm_ternary_backward", "dy", dy, "x", x);
  BatchNormGradients gradients{Tensor::empty_like(x), Tensor::empty_like(terms.gamma),
                               Tensor::empty_like(terms.beta)};
  kernel(x.device(), dy, x, terms, statistics, gradients);
  return gradients;
}

}  // namespace tern::kernels
