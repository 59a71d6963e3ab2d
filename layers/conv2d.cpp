#include "tern/layers/conv2d.h"

#include "tern/layers/functions/conv2d.h"

namespace tern {

Conv2d::Conv2d(const Conv2dOptions& o)
    : parameters_{o.stride, o.padding},
      weight_(register_parameter(
          "weight", Tensor::zeros({o.out_channels, o.kernel_size, o.kernel_size, o.in_channels}))) {
  if (o.bias) bias_ = register_parameter("bias", Tensor::zeros({o.out_channels}));
}

Variable Conv2d::forward(const Variable& x) {
  return conv2d(x, weight_, bias_, parameters_);
}

Shape Conv2d::describe(const Shape& x, Description& description) const {
  const Shape y = kernels::conv2d_output_shape("conv2d", x, weight_.shape(), parameters_);
  const std::int64_t biases = bias_.defined() ? bias_.value().numel() : 0;
  description.add(
      {path(), "conv2d", y, weight_.value().numel() + biases, 32, multiply_adds(y, weight_.shape())});
  return y;
}

}  // namespace tern
