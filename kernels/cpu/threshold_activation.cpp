#include "tern/kernels/threshold_activation.h"

#include "tern/kernels/common/threshold_activation_formulas.h"
#include "tern/kernels/cpu/channel_tile.h"

namespace tern::kernels::cpu {

void threshold_activation(const Tensor& x, const Tensor& low, const Tensor& high, Tensor& y) {
  const ChannelTile tile(x);
  const std::vector<float> lows = tile.repeat(low), highs = tile.repeat(high);
  const float *px = x.data<float>(), *from = lows.data(), *to = highs.data();
  std::int8_t* py = y.data<std::int8_t>();
  for_each_tile(tile, [=](std::int64_t at, std::int64_t length) {
    for (std::int64_t j = 0; j < length; ++j) py[at + j] = ternary_between(px[at + j], from[j], to[j]);
  });
}

void threshold_activation_backward(const Tensor& dy, const Tensor& x, const Tensor& low, const Tensor& high,
                                   ThresholdGradients& gradients) {
  const ChannelTile tile(x);
  const float *lows = low.data<float>(), *highs = high.data<float>();
  const std::vector<float> below = tile.repeat([=](std::int64_t c) { return threshold_slope(-lows[c]); }),
                           above = tile.repeat([=](std::int64_t c) { return threshold_slope(highs[c]); });
  const float *pdy = dy.data<float>(), *px = x.data<float>(), *down = below.data(), *up = above.data();
  float* pdx = gradients.dx.data<float>();
  const std::vector<double> sums =
      reduce_channels<2>(tile, [=](std::int64_t at, std::int64_t length, const std::array<float*, 2>& lanes) {
        float* __restrict sum_low = lanes[0];
        float* __restrict sum_high = lanes[1];
    // dx may be dy, which a run-time overlap check would take for a reason not to vectorise.
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float value = px[at + j], upstream = pdy[at + j];
          const float slope = slope_at(value, down[j], up[j]);
          const float of_distance = distance_gradient(upstream, value, slope);
          pdx[at + j] = upstream * slope;
          sum_low[j] += value < 0 ? -of_distance : 0.0F;
          sum_high[j] += value < 0 ? 0.0F : of_distance;
        }
      });
  const std::int64_t channels = tile.channels();
  std::copy(sums.begin(), sums.begin() + channels, gradients.dlow.data<float>());
  std::copy(sums.begin() + channels, sums.end(), gradients.dhigh.data<float>());
}

}  // namespace tern::kernels::cpu
