#include "tern/kernels/max_pool2d.h"

#include "tern/kernels/common/check_max_pool2d.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

namespace {

Shape with_channels(const Shape& images, std::int64_t channels) {
  return {images[0], images[1], images[2], channels};
}

using Forward = Kernel<decltype(cpu::max_pool2d)>;

MaxPool2dResult forward(const Forward& kernel, const Tensor& x, const PoolWindow& window,
                        std::int64_t channels) {
  check_window(kernel.name, window);
  const Shape pooled = pooled_shape(kernel.name, x.shape(), window);
  require<ShapeError>(channels >= x.dim(3), "{}: x is {}, which has more than {} channels", kernel.name,
                      x.shape(), channels);
  MaxPool2dResult result{Tensor::empty(with_channels(pooled, channels), x.dtype(), x.device()),
                         Tensor::empty(pooled, DType::u8, x.device())};
  kernel(x.device(), x, window, result.y, result.argmax);
  return result;
}

}  // namespace

MaxPool2dResult max_pool2d(const Tensor& x, const PoolWindow& window) {
  static constexpr Forward kernel{"max_pool2d", &cpu::max_pool2d, TERN_CUDA_KERNEL(cuda::max_pool2d)};
  check_float("max_pool2d", "x", x, 4);
  return forward(kernel, x, window, x.dim(3));
}

MaxPool2dResult max_pool2d_pad_channels(const Tensor& x, const PoolWindow& window, std::int64_t channels) {
  static constexpr Forward kernel{"max_pool2d_pad_channels", &cpu::max_pool2d,
                                  TERN_CUDA_KERNEL(cuda::max_pool2d)};
  check_float("max_pool2d_pad_channels", "x", x, 4);
  return forward(kernel, x, window, channels);
}

Tensor max_pool2d_backward(const Tensor& dy, const Tensor& argmax, const Shape& images,
                           const PoolWindow& window) {
  static constexpr const char* kName = "max_pool2d_backward";
  static constexpr Kernel<decltype(cpu::max_pool2d_backward)> kernel{
      kName, &cpu::max_pool2d_backward, TERN_CUDA_KERNEL(cuda::max_pool2d_backward)};
  const Shape pooled = pooled_shape(kName, images, window);
  check_float(kName, "dy", dy, 4);
  require<ShapeError>(dy.dim(3) >= pooled[3] && with_channels(pooled, dy.dim(3)) == dy.shape(),
                      "{}: dy is {}, expected {} or more channels", kName, dy.shape(), pooled);
  check_argmax(kName, argmax, pooled);
  Tensor dx = Tensor::empty(images, dy.dtype(), dy.device());
  kernel(dy.device(), dy, argmax, window, dx);
  return dx;
}

}  // namespace tern::kernels
