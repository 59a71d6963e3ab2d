#include "kernels/prelu.h"

#include "kernels/cpu/channel_tile.h"

namespace tern::kernels::cpu {

void prelu(const Tensor& x, const Tensor& slope, Tensor& y) {
  const ChannelTile tile(x);
  const std::vector<float> slopes = tile.repeat(slope);
  const float *p = slopes.data(), *px = x.data<float>();
  float* py = y.data<float>();
  for_each_tile(tile, [=](std::int64_t at, std::int64_t length) {
    for (std::int64_t j = 0; j < length; ++j) {
      // p[j] is loaded either way: a conditional load would not be vectorised.
      const float value = px[at + j], factor = p[j];
      py[at + j] = value > 0 ? value : factor * value;
    }
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
          const float value = px[at + j], upstream = pdy[at + j], factor = p[j];
          const float product = upstream * value;
          pdx[at + j] = value > 0 ? upstream : factor * upstream;
          sum[j] += value > 0 ? 0.0F : product;
        }
      });
  std::copy(sums.begin(), sums.end(), dslope.data<float>());
}

}  // namespace tern::kernels::cpu
