#include "kernels/cuda/elementwise.cuh"
#include "kernels/cuda/reduce_channels.cuh"
#include "kernels/prelu.h"
#include "kernels/prelu_formulas.h"

namespace tern::kernels::cuda {

void prelu(const Tensor& x, const Tensor& slope, Tensor& y) {
  const float *px = x.data<float>(), *slopes = slope.data<float>();
  float* py = y.data<float>();
  const std::int64_t channels = x.dim(-1);
  for_each_coordinates({x.numel() / channels, channels},
                       [=] __device__(std::int64_t i, const Coordinates<2>& at) {
                         py[i] = prelu_value(px[i], slopes[at[1]]);
                       });
}

void prelu_backward(const Tensor& dy, const Tensor& x, const Tensor& slope, Tensor& dx, Tensor& dslope) {
  const float *pdy = dy.data<float>(), *px = x.data<float>(), *slopes = slope.data<float>();
  float *pdx = dx.data<float>(), *sums = dslope.data<float>();
  const std::int64_t channels = x.dim(-1);
  reduce_channels<1>(
      x.numel() / channels, channels, x.device(),
      [=] __device__(std::int64_t row, std::int64_t channel, float(&lanes)[1]) {
        const std::int64_t i = row * channels + channel;
        const float value = px[i], upstream = pdy[i];  // read before dx, which may be dy, is written
        pdx[i] = prelu_gradient(upstream, value, slopes[channel]);
        lanes[0] += prelu_slope_gradient(upstream, value);
      },
      [=] __device__(std::int64_t channel, const double(&totals)[1]) {
        sums[channel] = static_cast<float>(totals[0]);
      });
}

}  // namespace tern::kernels::cuda
