#include "tern/kernels/common/threshold_activation_formulas.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tern/kernels/threshold_activation.h"

namespace tern::kernels::cuda {

void threshold_activation(const Tensor& x, const Tensor& low, const Tensor& high, Tensor& y) {
  const float *px = x.data<float>(), *from = low.data<float>(), *to = high.data<float>();
  std::int8_t* py = y.data<std::int8_t>();
  const std::int64_t channels = x.dim(-1);
  for_each_coordinates({x.numel() / channels, channels},
                       [=] __device__(std::int64_t i, const Coordinates<2>& at) {
                         py[i] = ternary_between(px[i], from[at[1]], to[at[1]]);
                       });
}

void threshold_activation_backward(const Tensor& dy, const Tensor& x, const Tensor& low, const Tensor& high,
                                   ThresholdGradients& gradients) {
  const float *pdy = dy.data<float>(), *px = x.data<float>(), *from = low.data<float>(),
              *to = high.data<float>();
  float *pdx = gradients.dx.data<float>(), *dlow = gradients.dlow.data<float>(),
        *dhigh = gradients.dhigh.data<float>();
  const std::int64_t channels = x.dim(-1);
  reduce_channels<2>(x.numel() / channels, channels, x.device(),
                     each_element([=] __device__(std::int64_t row, std::int64_t channel, float(&lanes)[2]) {
                       const std::int64_t i = row * channels + channel;
                       // read before dx, which may be dy, is written
                       const float value = px[i], upstream = pdy[i];
                       const float slope =
                           slope_at(value, threshold_slope(-from[channel]), threshold_slope(to[channel]));
                       const float of_distance = distance_gradient(upstream, value, slope);
                       pdx[i] = upstream * slope;
                       lanes[0] += value < 0 ? -of_distance : 0.0F;
                       lanes[1] += value < 0 ? 0.0F : of_distance;
                     }),
                     [=] __device__(std::int64_t channel, const double(&totals)[2]) {
                       dlow[channel] = static_cast<float>(totals[0]);
                       dhigh[channel] = static_cast<float>(totals[1]);
                     });
}

}  // namespace tern::kernels::cuda
