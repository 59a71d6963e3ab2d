#include "kernels/scale_batch_norm_add_prelu.h"

#include "kernels/cpu/normalise.h"

namespace tern::kernels::cpu {

bool scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                const Tensor& shortcut, const Tensor& slope, Tensor& y) {
  const ChannelTile tile(z);
  const TiledTerms tiled(tile, terms, scale);
  const std::vector<float> slopes = tile.repeat(slope);
  const float *s = tiled.scale.data(), *p = slopes.data(), *mean = tiled.mean.data(),
              *gain = tiled.gain.data(), *beta = tiled.beta.data(), *pz = z.data<float>(),
              *pr = shortcut.data<float>();
  float* py = y.data<float>();
  const std::vector<double> poisoned =
      reduce_channels<1>(tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 1>& sums) {
        float* __restrict bad = sums[0];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float u = normalised(s[j] * pz[at + j] - mean[j], gain[j], beta[j]) + pr[at + j];
          const float negative = p[j] * u;  // computed always: a load under a condition would not vectorise
          const float result = u > 0 ? u : negative;
          bad[j] += poison(result);
          py[at + j] = result;
        }
      });
  return std::all_of(poisoned.begin(), poisoned.end(), [](double sum) { return sum == 0; });
}

namespace {

// First pass: du = dshortcut, and the sums dbeta, dgamma and dslope. du may overwrite dy.
std::vector<double> backward_sums(const ChannelTile& tile, const TiledTerms& tiled, const float* p,
                                  const float* dy, const float* z, const float* shortcut, float* du) {
  const float *s = tiled.scale.data(), *mean = tiled.mean.data(), *inv_std = tiled.inv_std.data(),
              *gain = tiled.gain.data(), *beta = tiled.beta.data();
  return reduce_channels<3>(
      tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 3>& sums) {
        float* __restrict sum_g = sums[0], * __restrict sum_gx = sums[1], * __restrict sum_slope = sums[2];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float centred = s[j] * z[at + j] - mean[j];
          const float u = normalised(centred, gain[j], beta[j]) + shortcut[at + j];
          const float upstream = dy[at + j];
          const float negative = p[j] * upstream;
          const float for_slope = upstream * u;
          const float g = u > 0 ? upstream : negative;
          du[at + j] = g;
          sum_g[j] += g;
          sum_gx[j] += g * (centred * inv_std[j]);
          sum_slope[j] += u > 0 ? 0.0F : for_slope;
        }
      });
}

}  // namespace

void scale_batch_norm_add_prelu_backward(const Tensor& dy, const Tensor& z, const Tensor& scale,
                                         const BatchNormTerms& terms, const Tensor& shortcut,
                                         const Tensor& slope, bool batch_statistics,
                                         TailGradients& gradients) {
  const ChannelTile tile(z);
  const TiledTerms tiled(tile, terms, scale);
  const float* pz = z.data<float>();
  float* du = gradients.dshortcut.data<float>();
  std::vector<double> sums =
      backward_sums(tile, tiled, tile.repeat(slope).data(), dy.data<float>(), pz, shortcut.data<float>(), du);
  store_sums(sums, gradients.batch_norm);
  const std::int64_t channels = tile.channels();
  for (std::int64_t c = 0; c < channels; ++c) {
    gradients.dslope.data<float>()[c] = static_cast<float>(sums[static_cast<std::size_t>(2 * channels + c)]);
  }
  if (!batch_statistics) std::fill(sums.begin(), sums.end(), 0.0);
  const double rows = static_cast<double>(z.numel() / channels);
  // Second pass: the gate is open, since du is the gradient that arrives at the batch norm already.
  normalise_backward_apply(
      tile, tiled, du, pz, sums, rows, [](float g, float) { return g; },
      gradients.batch_norm.dx.data<float>());
}

}  // namespace tern::kernels::cpu
