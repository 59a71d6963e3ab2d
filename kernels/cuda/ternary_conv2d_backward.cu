// Real numbers times ternary ones: the gradients are those of the float convolution. The ternary operand is
// widened first, which reads 1 or 1/4 byte and writes 4 per value.
#include "kernels/cuda/elementwise.cuh"
#include "kernels/pack_ternary.h"
#include "kernels/ternary_conv2d.h"

namespace tern::kernels::cuda {

void ternary_conv2d_backward_data(const Tensor& dz, const Tensor& t, const Conv2dParameters& parameters,
                                  Tensor& dx) {
  Tensor floats = Tensor::empty(t.shape(), DType::f32, t.device());
  const std::int8_t* from = t.data<std::int8_t>();
  float* to = floats.data<float>();
  for_each_element(t.numel(), [=] __device__(std::int64_t i) { to[i] = from[i]; });
  conv2d_backward_data(dz, floats, parameters, dx);
}

void ternary_conv2d_backward_weights(const Tensor& dz, const PackedTernary& x,
                                     const Conv2dParameters& parameters, Tensor& dt) {
  Tensor floats = Tensor::empty(x.shape(), DType::f32, x.device());
  unpack_ternary(x, floats);
  conv2d_backward_weights(dz, floats, parameters, dt);
}

}  // namespace tern::kernels::cuda
