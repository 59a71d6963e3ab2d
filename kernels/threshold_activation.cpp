#include "tern/kernels/threshold_activation.h"

#include "tern/kernels/common/check_channels.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {
namespace {

void check_arguments(const char* op, const Tensor& x, const Tensor& low, const Tensor& high) {
  check_f32(op, "x", x, x.shape().rank());
  const std::int64_t channels = check_rows_of_channels(op, "x", x);
  check_per_channel(op, "low", low, channels);
  check_per_channel(op, "high", high, channels);
}

}  // namespace

Tensor threshold_activation(const Tensor& x, const Tensor& low, const Tensor& high) {
  static constexpr Kernel<decltype(cpu::threshold_activation)> kernel{
      "threshold_activation", &cpu::threshold_activation, TERN_CUDA_KERNEL(cuda::threshold_activation)};
  check_arguments("threshold_activation", x, low, high);
  Tensor y = Tensor::empty(x.shape(), DType::i8, x.device());
  kernel(x.device(), x, low, high, y);
  return y;
}

ThresholdGradients threshold_activation_backward(Tensor dy, const Tensor& x, const Tensor& low,
                                                 const Tensor& high) {
  static constexpr Kernel<decltype(cpu::threshold_activation_backward)> kernel{
      "threshold_activation_backward", &cpu::threshold_activation_backward,
      TERN_CUDA_KERNEL(cuda::threshold_activation_backward)};
  check_arguments("threshold_activation_backward", x, low, high);
  check_same("threshold_activation_backward", "dy", dy, "x", x);
  ThresholdGradients gradients{dy.unique() ? dy : Tensor::empty_like(x), Tensor::empty_like(low),
                               Tensor::empty_like(high)};
  kernel(x.device(), dy, x, low, high, gradients);
  return gradients;
}

}  // namespace tern::kernels
