#include "tern/layers/conv2d.h"

#include "tern/layers/functions/conv2d.h"

namespace tern {

Conv2d::Conv2d(const Conv2dOptions& o)
    : parameters_{o.stride, o.padding},
      weight_(register_parameter(
          "weight", Tensor::zeros({o.out_channels, o.kernel_size, o.kernel_size, o.in_channels}))) {
  if (o.bias) bias_ = register_parameter("bias", Tensor::zeros({o.out_channels}), ParameterRole::bias);
}

Variable Conv2d::forward(const Variable& x) {
  return conv2d(x, weight_, bias_, parameters_);
}

Value Conv2d::trace(GraphBuilder& graph, Value x) const {
  const Shape& w = weight_.shape();
  return graph.conv2d(path(), x, w[0], convolution_window(w, parameters_), bias_.defined());
}

}  // namespace tern
