#include "tern/kernels/ternary_weights.h"

#include "tern/kernels/common/dispatch.h"
#include "tern/kernels/common/latent_weights.h"

namespace tern::kernels {

TernaryWeights ternary_weights(WeightMethod method, const Tensor& w, Tensor learned) {
  static constexpr Kernel<decltype(cpu::ternary_weights)> kernel{"ternary_weights", &cpu::ternary_weights,
                                                                 TERN_CUDA_KERNEL(cuda::ternary_weights)};
  check_filters("ternary_weights", "w", w);
  if (learns_per_filter(method)) check_per_channel("ternary_weights", "learned", learned, w.dim(0));
  TernaryWeights weights = empty_weights_of(w);
  kernel(w.device(), method, w, learned, weights.ternary, weights.scale);
  return weights;
}

TernaryWeightGradients ternary_weights_backward(WeightMethod method, const Tensor& dt, const Tensor& w,
                                                const Tensor& scale, const Tensor& learned) {
  static constexpr Kernel<decltype(cpu::ternary_weights_backward)> kernel{
      "ternary_weights_backward", &cpu::ternary_weights_backward,
      TERN_CUDA_KERNEL(cuda::ternary_weights_backward)};
  check_filters("ternary_weights_backward", "dt", dt);
  check_same("ternary_weights_backward", "w", w, "dt", dt);
  check_per_channel("ternary_weights_backward", "scale", scale, w.dim(0));
  TernaryWeightGradients gradients{Tensor::empty_like(w), Tensor()};
  if (learns_per_filter(method)) {
    check_per_channel("ternary_weights_backward", "learned", learned, w.dim(0));
    gradients.dlearned = Tensor::empty_like(scale);
  }
  kernel(dt.device(), method, dt, w, scale, learned, gradients.dw, gradients.dlearned);
  return gradients;
}

}  // namespace tern::kernels
