#include "kernels/prelu.h"

#include "kernels/cpu/channel_tile.h"
#include "kernels/prelu_formulas.h"

namespace tern::kernels::cpu {

void prelu(const Tensor& x, const Tensor& slope, Tensor& y) {
  const ChannelTile tile(x);
  const std::vector<float> slopes = tile.repeat(slope);
  const float *p = slopes.data(), *px = x.data<float>();
  float* py = y.data<float>();
  for_each_tile(tile, [=](std::int64_t at, std::int64_t length) {
    for (std::int64_t j = 0; j < length; ++j) py[at + j] = prelu_value(px[at + j], p[j]);
  });
}

void prelu_backward(const Tensor& dy, const Tensor& x, const Tensor& slope, Tensor& dx, Tensor& dslope) {
  const ChannelTile tile(x);
  const std::vector<float> slopes = tile.repeat(slope);
  const float *p = slopes.data(), *pdy = dy.data<float>(), *px = x.data<float>();
  float* pdx = dx.data<float>();
  const std::vector<double> sums =
      reduce_channels<1>(tile, [=](std::int64_t at, std::int64_t length, const std::array<float*, 1>& lanes) {
        float* __restrict sum = lanes[0];
    // dx may be dy, which a run-time overlap check would take for a reason not to vectorise.
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float value = px[at + j], upstream = pdy[at + j];
          pdx[at + j] = prelu_gradient(upstream, value, p[j]);
          sum[j] += prelu_slope_gradient(upstream, value);
        }
      });
  std::copy(sums.begin(), sums.end(), dslope.data<float>());
}

}  // namespace tern::kernels::cpu
