#include "kernels/batch_norm.h"

#include "kernels/cpu/normalise.h"
#include "kernels/moments.h"

namespace tern::kernels::cpu {

void channel_statistics(const Tensor& x, Tensor& mean, Tensor& variance) {
  const ChannelTile tile(x);
  const float* px = x.data<float>();
  const std::vector<float> pivots = tile.repeat([px](std::int64_t c) { return px[c]; });
  const float* pivot = pivots.data();
  const std::vector<double> sums =
      reduce_channels<2>(tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 2>& lanes) {
        float* __restrict sum = lanes[0];
        float* __restrict sum_square = lanes[1];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float d = px[at + j] - pivot[j];
          sum[j] += d;
          sum_square[j] += d * d;
        }
      });
  const std::int64_t channels = tile.channels(), rows = x.numel() / channels;
  for (std::int64_t c = 0; c < channels; ++c) {
    const Moments moments = pivoted_moments(pivot[c], sums[static_cast<std::size_t>(c)],
                                            sums[static_cast<std::size_t>(channels + c)], rows);
    mean.data<float>()[c] = moments.mean;
    variance.data<float>()[c] = moments.variance;
  }
}

void batch_norm(const Tensor& x, const BatchNormTerms& terms, Tensor& y, std::int32_t* non_finite) {
  *non_finite = !normalise_forward(
      x, terms, [](float t) { return t; }, y.data<float>(), [](std::int64_t, std::int64_t) {});
}

void batch_norm_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                         bool batch_statistics, BatchNormGradients& gradients) {
  normalise_backward(
      dy, x, terms, batch_statistics, [](float g, float) { return g; }, gradients);
}

}  // namespace tern::kernels::cpu
