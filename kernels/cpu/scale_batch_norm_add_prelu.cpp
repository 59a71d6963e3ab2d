#include "kernels/scale_batch_norm_add_prelu.h"

#include "kernels/cpu/normalise.h"
#include "kernels/prelu_formulas.h"
#include "kernels/visit_elements.h"

namespace tern::kernels::cpu {
namespace {

template <class Integer>
bool forward(const ChannelTile& tile, const TiledTerms& tiled, const float* p, const Integer* z,
             const float* shortcut, float* y) {
  const float *s = tiled.scale.data(), *mean = tiled.mean.data(), *gain = tiled.gain.data(),
              *beta = tiled.beta.data();
  const std::vector<double> poisoned =
      reduce_channels<1>(tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 1>& sums) {
        float* __restrict bad = sums[0];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float from_mean = centred(static_cast<float>(z[at + j]), s[j], mean[j]);
          const float u = normalised(from_mean, gain[j], beta[j]) + shortcut[at + j];
          const float result = prelu_value(u, p[j]);
          bad[j] += poison(result);
          y[at + j] = result;
        }
      });
  return std::all_of(poisoned.begin(), poisoned.end(), [](double sum) { return sum == 0; });
}

// First pass: du = dshortcut, and the sums dbeta, dgamma and dslope. du may overwrite dy.
template <class Integer>
std::vector<double> backward_sums(const ChannelTile& tile, const TiledTerms& tiled, const float* p,
                                  const float* dy, const Integer* z, const float* shortcut, float* du) {
  const float *s = tiled.scale.data(), *mean = tiled.mean.data(), *inv_std = tiled.inv_std.data(),
              *gain = tiled.gain.data(), *beta = tiled.beta.data();
  return reduce_channels<3>(
      tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 3>& sums) {
        float* __restrict sum_g = sums[0], * __restrict sum_gx = sums[1], * __restrict sum_slope = sums[2];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float from_mean = centred(static_cast<float>(z[at + j]), s[j], mean[j]);
          const float u = normalised(from_mean, gain[j], beta[j]) + shortcut[at + j];
          const float upstream = dy[at + j];
          const float g = prelu_gradient(upstream, u, p[j]);
          du[at + j] = g;
          sum_g[j] += g;
          sum_gx[j] += g * (from_mean * inv_std[j]);
          sum_slope[j] += prelu_slope_gradient(upstream, u);
        }
      });
}

template <class Integer>
void backward(const ChannelTile& tile, const TiledTerms& tiled, const float* p, const float* dy,
              const Integer* z, const float* shortcut, double rows, bool batch_statistics,
              TailGradients& gradients) {
  float* du = gradients.dshortcut.data<float>();
  std::vector<double> sums = backward_sums(tile, tiled, p, dy, z, shortcut, du);
  store_sums(sums, gradients.batch_norm);
  const std::int64_t channels = tile.channels();
  for (std::int64_t c = 0; c < channels; ++c) {
    gradients.dslope.data<float>()[c] = static_cast<float>(sums[static_cast<std::size_t>(2 * channels + c)]);
  }
  if (!batch_statistics) std::fill(sums.begin(), sums.end(), 0.0);
  // Second pass: the gate is open, since du is the gradient that arrives at the batch norm already.
  normalise_backward_apply(
      tile, tiled, du, z, sums, rows, [](float g, float) { return g; },
      gradients.batch_norm.dx.data<float>());
}

}  // namespace

void scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                const Tensor& shortcut, const Tensor& slope, Tensor& y,
                                std::int32_t* non_finite) {
  const ChannelTile tile(z);
  const TiledTerms tiled(tile, terms, scale);
  const std::vector<float> slopes = tile.repeat(slope);
  *non_finite = !visit_integers(z, [&](const auto* integers) {
    return forward(tile, tiled, slopes.data(), integers, shortcut.data<float>(), y.data<float>());
  });
}

void scale_batch_norm_add_prelu_backward(const Tensor& dy, const Tensor& z, const Tensor& scale,
                                         const BatchNormTerms& terms, const Tensor& shortcut,
                                         const Tensor& slope, bool batch_statistics,
                                         TailGradients& gradients) {
  const ChannelTile tile(z);
  const TiledTerms tiled(tile, terms, scale);
  const std::vector<float> slopes = tile.repeat(slope);
  const double rows = static_cast<double>(z.numel() / tile.channels());
  visit_integers(z, [&](const auto* integers) {
    backward(tile, tiled, slopes.data(), dy.data<float>(), integers, shortcut.data<float>(), rows,
             batch_statistics, gradients);
  });
}

}  // namespace tern::kernels::cpu
