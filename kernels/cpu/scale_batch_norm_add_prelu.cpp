#include "kernels/scale_batch_norm_add_prelu.h"

#include "kernels/cpu/normalise.h"

namespace tern::kernels::cpu {

bool scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                const Tensor& shortcut, const Tensor& slope, Tensor& y) {
  const ChannelTile tile(z);
  const TiledTerms tiled(tile, terms);
  const std::vector<float> scales = tile.repeat(scale), slopes = tile.repeat(slope);
  const float *s = scales.data(), *p = slopes.data(), *mean = tiled.mean.data(), *gain = tiled.gain.data(),
              *beta = tiled.beta.data(), *pz = z.data<float>(), *pr = shortcut.data<float>();
  float* py = y.data<float>();
  const std::vector<double> poisoned =
      reduce_channels<1>(tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 1>& sums) {
        float* __restrict bad = sums[0];
        for (std::int64_t j = 0; j < length; ++j) {
          const float u = normalised(s[j] * pz[at + j] - mean[j], gain[j], beta[j]) + pr[at + j];
          bad[j] += poison(u);
          py[at + j] = u > 0 ? u : p[j] * u;
        }
      });
  return std::all_of(poisoned.begin(), poisoned.end(), [](double sum) { return sum == 0; });
}

namespace {

// First pass: du = dshortcut, and the sums dbeta, dgamma and dslope. du may overwrite dy.
std::vector<double> backward_sums(const ChannelTile& tile, const TiledTerms& tiled, const float* s,
                                  const float* p, const float* dy, const float* z, const float* shortcut,
                                  float* du) {
  const float *mean = tiled.mean.data(), *inv_std = tiled.inv_std.data(), *gain = tiled.gain.data(),
              *beta = tiled.beta.data();
  return reduce_channels<3>(
      tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 3>& sums) {
        float* __restrict sum_g = sums[0], * __restrict sum_gx = sums[1], * __restrict sum_slope = sums[2];
        for (std::int64_t j = 0; j < length; ++j) {
          const float centred = s[j] * z[at + j] - mean[j];
          const float u = normalised(centred, gain[j], beta[j]) + shortcut[at + j];
          const float upstream = dy[at + j];
          const float g = u > 0 ? upstream : p[j] * upstream;
          du[at + j] = g;
          sum_g[j] += g;
          sum_gx[j] += g * (centred * inv_std[j]);
          sum_slope[j] += u > 0 ? 0.0F : upstream * u;
        }
      });
}

// Second pass: dz = s * gain * (du - (dbeta + x_hat * dgamma) / R).
void backward_apply(const ChannelTile& tile, const TiledTerms& tiled, const float* s, const float* mean_g,
                    const float* mean_gx, const float* du, const float* z, float* dz) {
  const float *mean = tiled.mean.data(), *inv_std = tiled.inv_std.data(), *gain = tiled.gain.data();
  for_each_tile(tile, [=](std::int64_t at, std::int64_t length) {
    for (std::int64_t j = 0; j < length; ++j) {
      const float x_hat = (s[j] * z[at + j] - mean[j]) * inv_std[j];
      dz[at + j] = s[j] * (gain[j] * (du[at + j] - mean_g[j] - x_hat * mean_gx[j]));
    }
  });
}

}  // namespace

void scale_batch_norm_add_prelu_backward(const Tensor& dy, const Tensor& z, const Tensor& scale,
                                         const BatchNormTerms& terms, const Tensor& shortcut,
                                         const Tensor& slope, bool batch_statistics,
                                         TailGradients& gradients) {
  const ChannelTile tile(z);
  const TiledTerms tiled(tile, terms);
  const std::vector<float> s = tile.repeat(scale), p = tile.repeat(slope);
  float* du = gradients.dshortcut.data<float>();
  const std::vector<double> sums = backward_sums(tile, tiled, s.data(), p.data(), dy.data<float>(),
                                                 z.data<float>(), shortcut.data<float>(), du);
  store_sums(sums, gradients.batch_norm);
  const std::int64_t channels = tile.channels();
  for (std::int64_t c = 0; c < channels; ++c) {
    gradients.dslope.data<float>()[c] = static_cast<float>(sums[static_cast<std::size_t>(2 * channels + c)]);
  }
  const double rows = static_cast<double>(z.numel() / channels);
  const auto mean_of = [&](std::int64_t k) {
    return tile.repeat([&](std::int64_t c) {
      return batch_statistics ? static_cast<float>(sums[static_cast<std::size_t>(k * channels + c)] / rows)
                              : 0.0F;
    });
  };
  backward_apply(tile, tiled, s.data(), mean_of(0).data(), mean_of(1).data(), du, z.data<float>(),
                 gradients.batch_norm.dx.data<float>());
}

}  // namespace tern::kernels::cpu
