#include "tern/kernels/batch_norm_ternary.h"

#include "tern/kernels/common/batch_norm_check.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {
namespace {

constexpr const char* kBackward = "batch_norm_ternary_backward";

}  // namespace

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
                                               const BatchStatistics& statistics, const Tensor& addend) {
  if (addend.defined()) check_same(kBackward, "addend", addend, "x", x);
  BatchNormTernarySums sums = batch_norm_ternary_backward_sums(dy, x, terms, statistics);
  return {batch_norm_ternary_backward_apply({dy, x, terms, sums.means, addend}), sums.dgamma, sums.dbeta};
}

BatchNormTernarySums batch_norm_ternary_backward_sums(const Tensor& dy, const Tensor& x,
                                                      const BatchNormTerms& terms,
                                                      const BatchStatistics& statistics) {
  static constexpr Kernel<decltype(cpu::batch_norm_ternary_backward_sums)> kernel{
      kBackward, &cpu::batch_norm_ternary_backward_sums,
      TERN_CUDA_KERNEL(cuda::batch_norm_ternary_backward_sums)};
  check_normalisation(kBackward, x, terms);
  check_same(kBackward, "dy", dy, "x", x);
  BatchNormGradients gradients{Tensor(), Tensor::empty_like(terms.gamma), Tensor::empty_like(terms.beta)};
  Tensor means;
  kernel(x.device(), dy, x, terms, statistics, gradients, means);
  return {std::move(gradients.dgamma), std::move(gradients.dbeta), std::move(means)};
}

Tensor batch_norm_ternary_backward_apply(const BatchNormTernaryDx& of) {
  static constexpr Kernel<decltype(cpu::batch_norm_ternary_backward_apply)> kernel{
      kBackward, &cpu::batch_norm_ternary_backward_apply,
      TERN_CUDA_KERNEL(cuda::batch_norm_ternary_backward_apply)};
  Tensor dx = Tensor::empty_like(of.x);
  kernel(of.x.device(), of, dx);
  return dx;
}

}  // namespace tern::kernels
