// On the CPU, training runs the ternary convolution on f32 values through the float convolution: products
// are 0 or +-1 and sums stay below 2^24, so every order of summation gives the same integer.
#include "kernels/ternary_conv2d.h"

namespace tern::kernels::cpu {

void ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters, Tensor& z) {
  conv2d(x, t, Tensor(), parameters, z);
}

void ternary_conv2d_backward_data(const Tensor& dz, const Tensor& t, const Conv2dParameters& parameters,
                                  Tensor& dx) {
  conv2d_backward_data(dz, t, parameters, dx);
}

void ternary_conv2d_backward_weights(const Tensor& dz, const Tensor& x, const Conv2dParameters& parameters,
                                     Tensor& dt) {
  conv2d_backward_weights(dz, x, parameters, dt);
}

}  // namespace tern::kernels::cpu
