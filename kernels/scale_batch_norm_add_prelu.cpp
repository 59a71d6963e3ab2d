#include "tern/kernels/scale_batch_norm_add_prelu.h"

#include "tern/kernels/common/batch_norm_check.h"
#include "tern/kernels/common/check_float.h"
#include "tern/kernels/common/check_prelu_shifts.h"
#include "tern/kernels/common/check_ternary.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {
namespace {

void check_tail(const char* op, const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                const Tensor& shortcut, const Tensor& slope) {
  check_integers(op, "z", z);
  check_rows(op, "z", z);
  check_terms(op, terms, z.dim(-1));
  check_per_channel(op, "scale", scale, z.dim(-1));
  check_per_channel(op, "slope", slope, z.dim(-1));
  check_float_like(op, "shortcut", shortcut, "z", z);
}

}  // namespace

Tensor scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                  const Tensor& shortcut, const Tensor& slope, const std::string& layer,
                                  const PreluShifts& shifts) {
  static constexpr Kernel<decltype(cpu::scale_batch_norm_add_prelu)> kernel{
      "scale_batch_norm_add_prelu", &cpu::scale_batch_norm_add_prelu,
      TERN_CUDA_KERNEL(cuda::scale_batch_norm_add_prelu)};
  check_tail("scale_batch_norm_add_prelu", z, scale, terms, shortcut, slope);
  check_shifts("scale_batch_norm_add_prelu", shifts, z.dim(-1));
  Tensor y = Tensor::empty_like(shortcut);
  FiniteCheck finite = finite_check_of_layer(z.device(), layer);
  kernel(z.device(), z, scale, terms, shortcut, slope, shifts, y, finite.flag());
  finite.throw_or_defer();
  return y;
}

TailWithStatistics scale_batch_norm_add_prelu_with_statistics(const Tensor& z, const Tensor& scale,
                                                              const BatchNormTerms& terms,
                                                              const Tensor& shortcut, const Tensor& slope,
                                                              const std::string& layer,
                                                              const PreluShifts& shifts) {
  static constexpr const char* kName = "scale_batch_norm_add_prelu_with_statistics";
  static constexpr Kernel<decltype(cpu::scale_batch_norm_add_prelu_with_statistics)> kernel{
      kName, &cpu::scale_batch_norm_add_prelu_with_statistics,
      TERN_CUDA_KERNEL(cuda::scale_batch_norm_add_prelu_with_statistics)};
  check_tail(kName, z, scale, terms, shortcut, slope);
  check_shifts(kName, shifts, z.dim(-1));
  TailWithStatistics result{Tensor::empty_like(shortcut),
                            {Tensor::empty_like(terms.mean), Tensor::empty_like(terms.mean)}};
  FiniteCheck finite = finite_check_of_layer(z.device(), layer);
  kernel(z.device(), z, scale, terms, shortcut, slope, shifts, result, finite.flag());
  finite.throw_or_defer();
  return result;
}

TailGradients scale_batch_norm_add_prelu_backward(Tensor dy, const Tensor& z, const Tensor& scale,
                                                  const BatchNormTerms& terms, const Tensor& shortcut,
                                                  const Tensor& slope, const BatchStatistics& statistics,
                                                  const Tensor& before) {
  static constexpr Kernel<decltype(cpu::scale_batch_norm_add_prelu_backward)> kernel{
      "scale_batch_norm_add_prelu_backward", &cpu::scale_batch_norm_add_prelu_backward,
      TERN_CUDA_KERNEL(cuda::scale_batch_norm_add_prelu_backward)};
  check_tail("scale_batch_norm_add_prelu_backward", z, scale, terms, shortcut, slope);
  check_float_like("scale_batch_norm_add_prelu_backward", "dy", dy, "z", z);
  check_same("scale_batch_norm_add_prelu_backward", "dy", dy, "shortcut", shortcut);
  if (before.defined()) {
    check_per_channel("scale_batch_norm_add_prelu_backward", "before", before, z.dim(-1));
  }
  const bool overwrite = dy.unique();
  TailGradients gradients{
      {Tensor::empty_like(dy), Tensor::empty_like(terms.gamma), Tensor::empty_like(terms.beta)},
      overwrite ? dy : Tensor::empty_like(dy),
      Tensor::empty_like(slope)};
  kernel(z.device(), dy, z, scale, terms, shortcut, slope, statistics, before, gradients);
  return gradients;
}

TailGradients scale_batch_norm_add_prelu_backward(BatchNormTernaryDx dy, const Tensor& z, const Tensor& scale,
                                                  const BatchNormTerms& terms, const Tensor& shortcut,
                                                  const Tensor& slope, const BatchStatistics& statistics) {
  static constexpr const char* kName = "scale_batch_norm_add_prelu_backward";
  static constexpr Kernel<decltype(cuda::scale_batch_norm_add_prelu_backward_of_norm)> kernel{
      kName, nullptr, TERN_CUDA_KERNEL(cuda::scale_batch_norm_add_prelu_backward_of_norm)};
  if (z.device().type == DeviceType::cpu) {
    Tensor stored = batch_norm_ternary_backward_apply(dy);
    dy = {};
    return scale_batch_norm_add_prelu_backward(std::move(stored), z, scale, terms, shortcut, slope,
                                               statistics);
  }
  check_tail(kName, z, scale, terms, shortcut, slope);
  check_same(kName, "dy", dy.dy, "shortcut", shortcut);
  dy.x = {};
  TailGradients gradients{
      {Tensor::empty_like(shortcut), Tensor::empty_like(terms.gamma), Tensor::empty_like(terms.beta)},
      Tensor::empty_like(shortcut),
      Tensor::empty_like(slope)};
  kernel(z.device(), dy, z, scale, terms, shortcut, slope, statistics, gradients);
  return gradients;
}

}  // namespace tern::kernels
