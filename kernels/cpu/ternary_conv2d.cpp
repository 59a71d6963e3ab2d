// On the CPU, training runs the ternary convolution on f32 copies through the float convolution: products are
// 0, +1 or -1 and sums stay below 2^24, so every order of summation gives the same integer.
#include "kernels/ternary_conv2d.h"

#include "kernels/channel_sums.h"
#include "kernels/cpu/convert.h"
#include "kernels/scale_channels.h"

namespace tern::kernels::cpu {
namespace {

Tensor as_f32(const Tensor& ternary) {
  Tensor floats = Tensor::empty(ternary.shape());
  convert<std::int8_t, float>(ternary, floats);
  return floats;
}

}  // namespace

void ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters, Tensor& z) {
  Tensor floats = Tensor::empty(z.shape());
  conv2d(as_f32(x), as_f32(t), Tensor(), parameters, floats);
  if (z.dtype() == DType::i16) {
    convert<float, std::int16_t>(floats, z);
  } else {
    convert<float, std::int32_t>(floats, z);
  }
}

void ternary_conv2d_with_sums(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters, Tensor& z,
                              Tensor& sums) {
  ternary_conv2d(x, t, parameters, z);
  channel_sums(z, sums);
}

void scaled_ternary_conv2d(const Tensor& x, const Tensor& t, const Tensor& scale, const Tensor& bias,
                           const Conv2dParameters& parameters, Tensor& y) {
  Tensor floats = Tensor::empty(y.shape());
  conv2d(as_f32(x), as_f32(t), Tensor(), parameters, floats);
  scale_channels(floats, scale, bias, y);
}

}  // namespace tern::kernels::cpu
