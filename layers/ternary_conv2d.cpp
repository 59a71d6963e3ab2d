#include "tern/layers/ternary_conv2d.h"

#include <cmath>

#include "tern/core/error.h"
#include "tern/layers/functions/ternary_conv2d.h"
#include "tern/layers/zero_fraction.h"

namespace tern {

TernaryConv2d::TernaryConv2d(const Conv2dOptions& o)
    : parameters_{o.stride, o.padding},
      weight_(register_buffer(
          "weight", Tensor::zeros({o.out_channels, o.kernel_size, o.kernel_size, o.in_channels}, DType::i8))),
      scale_(register_buffer("scale", Tensor::zeros({o.out_channels}))) {}

Variable TernaryConv2d::forward(const Variable& x) {
  return scaled_ternary_conv2d(x, Variable(weight_), scale_, Variable(), parameters_);
}

TernaryConvolution::Integer TernaryConv2d::integer_forward(const TernaryVariable& x, bool with_sums) {
  return {integer_convolution(x, Variable(weight_), parameters_, with_sums), scale_};
}

double TernaryConv2d::zero_fraction() const {
  return zero_fraction_of(weight_);
}

Value TernaryConv2d::trace(GraphBuilder& graph, Value x) const {
  const Shape& w = weight_.shape();
  return graph.ternary_conv2d(path(), x, w[0], convolution_window(w, parameters_), false);
}

void TernaryConv2d::check() const {
  for (const int w : weight_.to_vector<std::int8_t>()) {
    require<DataError>(w == 0 || w == 1 || w == -1, "{}: weight {} is not ternary", path(), w);
  }
  for (const float s : scale_.to_vector<float>()) {
    require<DataError>(std::isfinite(s) && s >= 0, "{}: scale {} is not a finite number >= 0", path(), s);
  }
}

}  // namespace tern
