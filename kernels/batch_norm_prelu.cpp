#include "tern/kernels/batch_norm_prelu.h"

#include "tern/kernels/common/batch_norm_check.h"
#include "tern/kernels/common/check_max_pool2d.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor batch_norm_prelu(const Tensor& x, const BatchNormTerms& terms, const Tensor& slope,
                        const std::string& layer) {
  static constexpr Kernel<decltype(cpu::batch_norm_prelu)> kernel{"batch_norm_prelu", &cpu::batch_norm_prelu,
                                                                  TERN_CUDA_KERNEL(cuda::batch_norm_prelu)};
  check_normalisation("batch_norm_prelu", x, terms);
  check_per_channel("batch_norm_prelu", "slope", slope, x.dim(-1));
  Tensor y = Tensor::empty_like(x);
  FiniteCheck finite = finite_check_of_layer(x.device(), layer);
  kernel(x.device(), x, terms, slope, y, finite.flag());
  finite.throw_or_defer();
  return y;
}

BatchNormPreluGradients batch_norm_prelu_backward(Tensor dy, const Tensor& x, const BatchNormTerms& terms,
                                                  const Tensor& slope, const BatchStatistics& statistics) {
  static constexpr Kernel<decltype(cpu::batch_norm_prelu_backward)> kernel{
      "batch_norm_prelu_backward", &cpu::batch_norm_prelu_backward,
      TERN_CUDA_KERNEL(cuda::batch_norm_prelu_backward)};
  check_normalisation("batch_norm_prelu_backward", x, terms);
  check_per_channel("batch_norm_prelu_backward", "slope", slope, x.dim(-1));
  check_same("batch_norm_prelu_backward", "dy", dy, "x", x);
  BatchNormPreluGradients gradients{
      {Tensor::empty_like(x), Tensor::empty_like(terms.gamma), Tensor::empty_like(terms.beta)},
      Tensor::empty_like(slope)};
  kernel(x.device(), std::move(dy), x, terms, slope, statistics, gradients);
  return gradients;
}

namespace {

// Positions of pixels are made of 32 bits.
void check_pixels(const char* op, const Tensor& x) {
  require<ShapeError>(x.numel() / x.dim(-1) < std::int64_t{1} << 32, "{}: x is {}: 2^32 pixels or more", op,
                      x.shape());
}

}  // namespace

BatchNormPreluPooled batch_norm_prelu_max_pool2d(const Tensor& x, const BatchNormTerms& terms,
                                                 const Tensor& slope, const PoolWindow& window,
                                                 const std::string& layer, bool with_statistics) {
  static constexpr const char* kName = "batch_norm_prelu_max_pool2d";
  static constexpr Kernel<decltype(cpu::batch_norm_prelu_max_pool2d)> kernel{
      kName, &cpu::batch_norm_prelu_max_pool2d, TERN_CUDA_KERNEL(cuda::batch_norm_prelu_max_pool2d)};
  check_window(kName, window);
  check_float(kName, "x", x, 4);
  check_normalisation(kName, x, terms);
  check_per_channel(kName, "slope", slope, x.dim(-1));
  check_pixels(kName, x);
  const Shape pooled = pooled_shape(kName, x.shape(), window);
  BatchNormPreluPooled y{
      {Tensor::empty(pooled, x.dtype(), x.device()), Tensor::empty(pooled, DType::u8, x.device())}, {}};
  if (with_statistics) y.statistics = {Tensor::empty_like(terms.mean), Tensor::empty_like(terms.mean)};
  FiniteCheck finite = finite_check_of_layer(x.device(), layer);
  kernel(x.device(), x, terms, slope, window, y, finite.flag());
  finite.throw_or_defer();
  return y;
}

BatchNormPreluGradients batch_norm_prelu_max_pool2d_backward(const Tensor& dy, const Tensor& argmax,
                                                             const Tensor& x, const BatchNormTerms& terms,
                                                             const Tensor& slope, const PoolWindow& window,
                                                             const BatchStatistics& statistics) {
  static constexpr const char* kName = "batch_norm_prelu_max_pool2d_backward";
  static constexpr Kernel<decltype(cpu::batch_norm_prelu_max_pool2d_backward)> kernel{
      kName, &cpu::batch_norm_prelu_max_pool2d_backward,
      TERN_CUDA_KERNEL(cuda::batch_norm_prelu_max_pool2d_backward)};
  check_normalisation(kName, x, terms);
  check_per_channel(kName, "slope", slope, x.dim(-1));
  check_pixels(kName, x);
  require<ShapeError>(dy.dtype() == x.dtype(), "{}: dy is {} but x is {}", kName, dy.dtype(), x.dtype());
  const Shape pooled = pooled_shape(kName, x.shape(), window);
  check_float(kName, "dy", dy, 4);
  require<ShapeError>(dy.shape() == pooled, "{}: dy is {}, expected {}", kName, dy.shape(), pooled);
  check_argmax(kName, argmax, pooled);
  BatchNormPreluGradients gradients{
      {Tensor::empty_like(x), Tensor::empty_like(terms.gamma), Tensor::empty_like(terms.beta)},
      Tensor::empty_like(slope)};
  kernel(x.device(), dy, argmax, x, terms, slope, window, statistics, gradients);
  return gradients;
}

}  // namespace tern::kernels
