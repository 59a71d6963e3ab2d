#include "tern/kernels/batch_norm.h"

#include "tern/kernels/channel_sums.h"
#include "tern/kernels/common/batch_norm_check.h"
#include "tern/kernels/common/check_ternary.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

ChannelStatistics channel_statistics(const Tensor& x) {
  static constexpr Kernel<decltype(cpu::channel_statistics)> kernel{
      "channel_statistics", &cpu::channel_statistics, TERN_CUDA_KERNEL(cuda::channel_statistics)};
  const bool integers = x.dtype() != DType::f32 && x.dtype() != DType::bf16;
  if (integers) check_integers("channel_statistics", "x", x);
  check_rows("channel_statistics", "x", x);
  if (integers) return statistics_of_sums(channel_sums(x), x.numel() / x.dim(-1));
  const Shape channels{x.dim(-1)};
  ChannelStatistics statistics{Tensor::empty(channels, DType::f32, x.device()),
                               Tensor::empty(channels, DType::f32, x.device())};
  kernel(x.device(), x, statistics.mean, statistics.variance);
  return statistics;
}

Tensor batch_norm(const Tensor& x, const BatchNormTerms& terms, const std::string& layer) {
  static constexpr Kernel<decltype(cpu::batch_norm)> kernel{"batch_norm", &cpu::batch_norm,
                                                            TERN_CUDA_KERNEL(cuda::batch_norm)};
  check_normalisation("batch_norm", x, terms);
  Tensor y = Tensor::empty_like(x);
  FiniteCheck finite = finite_check_of_layer(x.device(), layer);
  kernel(x.device(), x, terms, y, finite.flag());
  finite.throw_or_defer();
  return y;
}

BatchNormGradients batch_norm_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                       const BatchStatistics& statistics, const Tensor& addend) {
  static constexpr Kernel<decltype(cpu::batch_norm_backward)> kernel{
      "batch_norm_backward", &cpu::batch_norm_backward, TERN_CUDA_KERNEL(cuda::batch_norm_backward)};
  check_normalisation("batch_norm_backward", x, terms);
  check_same("batch_norm_backward", "dy", dy, "x", x);
  if (addend.defined()) check_same("batch_norm_backward", "addend", addend, "x", x);
  BatchNormGradients gradients{Tensor::empty_like(x), Tensor::empty_like(terms.gamma),
                               Tensor::empty_like(terms.beta)};
  kernel(x.device(), dy, x, terms, statistics, addend, gradients);
  return gradients;
}

}  // namespace tern::kernels
