// The loops of batch norm that its fused relatives share: forward and the two passes of the backward. The
// formulas are those of kernels/common/batch_norm_formulas.h.
#pragma once

#include "tern/core/bfloat16.h"
#include "tern/kernels/batch_norm.h"
#include "tern/kernels/common/batch_norm_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cpu/channel_tile.h"

namespace tern::kernels::cpu {

/// Per-channel terms repeated over a tile. Without a scale, s = 1: multiplying by it changes no bit.
struct TiledTerms {
  TiledTerms(const ChannelTile& tile, const BatchNormTerms& terms, const Tensor& per_channel_scale = Tensor())
      : scale(tile.repeat(per_channel_scale, 1)),
        mean(tile.repeat(terms.mean)),
        inv_std(tile.repeat(terms.inv_std)),
        gain(tile.repeat(
            [&](std::int64_t c) { return terms.gamma.data<float>()[c] * terms.inv_std.data<float>()[c]; })),
        beta(tile.repeat(terms.beta)) {}

  std::vector<float> scale, mean, inv_std, gain, beta;
};

/// First pass: dbeta and dgamma with g = gate(dy, t). Gate is a function object float(float dy, float t).
template <class Element, class Gate>
std::vector<double> normalise_backward_sums(const ChannelTile& tile, const TiledTerms& terms,
                                            const Element* dy, const Element* x, const Gate& gate) {
  const float *s = terms.scale.data(), *mean = terms.mean.data(), *inv_std = terms.inv_std.data(),
              *gain = terms.gain.data(), *beta = terms.beta.data();
  return reduce_channels<2>(
      tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 2>& sums) {
        float* __restrict sum_g = sums[0];
        float* __restrict sum_gx = sums[1];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float from_mean = centred(to_float(x[at + j]), s[j], mean[j]);
          const float g = gate(to_float(dy[at + j]), normalised(from_mean, gain[j], beta[j]));
          sum_g[j] += g;
          sum_gx[j] += g * (from_mean * inv_std[j]);
        }
      });
}

/// Writes the sums {dbeta, dgamma} of the first pass to the gradient tensors.
inline void store_sums(const std::vector<double>& sums, BatchNormGradients& gradients) {
  const std::int64_t channels = gradients.dbeta.numel();
  for (std::int64_t c = 0; c < channels; ++c) {
    gradients.dbeta.data<float>()[c] = static_cast<float>(sums[static_cast<std::size_t>(c)]);
    gradients.dgamma.data<float>()[c] = static_cast<float>(sums[static_cast<std::size_t>(channels + c)]);
  }
}

/// What the second pass subtracts, of all channels: the means of g, then those of g * x_hat; zeros where mean
/// and inv_std are constants. `sums` are those of the first pass, which `gradients` has stored.
inline std::vector<float> gradient_means(const std::vector<double>& sums, std::int64_t rows,
                                         const BatchStatistics& statistics,
                                         const BatchNormGradients& gradients) {
  if (statistics.means_over_batch) {
    return statistics.means_over_batch(gradients.dbeta, gradients.dgamma).to_vector<float>();
  }
  std::vector<float> means(2 * static_cast<std::size_t>(gradients.dbeta.numel()), 0.0F);
  for (std::size_t k = 0; statistics.of_batch && k < means.size(); ++k) {
    means[k] = static_cast<float>(sums[k] / static_cast<double>(rows));
  }
  return means;
}

/// Second pass: dx. x may be integers.
template <class Element, class Number, class Gate>
void normalise_backward_apply(const ChannelTile& tile, const TiledTerms& terms, const Element* dy,
                              const Number* x, const std::vector<float>& means, const Gate& gate,
                              Element* dx) {
  const auto means_from = [&](std::int64_t first) {
    return tile.repeat([&](std::int64_t c) { return means[static_cast<std::size_t>(first + c)]; });
  };
  const std::vector<float> mean_g = means_from(0), mean_gx = means_from(tile.channels());
  const float *s = terms.scale.data(), *mean = terms.mean.data(), *inv_std = terms.inv_std.data(),
              *gain = terms.gain.data(), *beta = terms.beta.data(), *mg = mean_g.data(),
              *mgx = mean_gx.data();
  for_each_tile(tile, [=](std::int64_t at, std::int64_t length) {
#pragma omp simd
    for (std::int64_t j = 0; j < length; ++j) {
      const float from_mean = centred(to_float(x[at + j]), s[j], mean[j]);
      const float g = gate(to_float(dy[at + j]), normalised(from_mean, gain[j], beta[j]));
      dx[at + j] =
          rounded_to<Element>(normalised_gradient(g, from_mean * inv_std[j], s[j], gain[j], mg[j], mgx[j]));
    }
  });
}

/// Both passes: the whole backward of a batch norm whose output went through a gate.
template <class Gate>
void normalise_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                        const BatchStatistics& statistics, const Gate& gate, BatchNormGradients& gradients) {
  const ChannelTile tile(x);
  const TiledTerms tiled(tile, terms);
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    const Element *pdy = dy.data<Element>(), *px = x.data<Element>();
    const std::vector<double> sums = normalise_backward_sums(tile, tiled, pdy, px, gate);
    store_sums(sums, gradients);
    const std::vector<float> means = gradient_means(sums, x.numel() / x.dim(-1), statistics, gradients);
    normalise_backward_apply(tile, tiled, pdy, px, means, gate, gradients.dx.data<Element>());
  });
}

/// One tile of the forward. The pointers are arguments because a store of bytes could alias captured ones,
/// which would then be loaded again for every element.
template <class Element, class Finish, class Result>
void normalise_tile(const Element* x, const float* s, const float* mean, const float* gain, const float* beta,
                    std::int64_t length, const Finish& finish, float* __restrict bad,
                    Result* __restrict result) {
#pragma omp simd
  for (std::int64_t j = 0; j < length; ++j) {
    const float t = normalised(centred(to_float(x[j]), s[j], mean[j]), gain[j], beta[j]);
    bad[j] += poison(t);
    result[j] = finish(t);
  }
}

/// Forward: y = finish(t); then after_tile(offset, length) for the elements of each tile, while they are in
/// the cache. Returns whether every t was finite.
template <class Element, class Finish, class Result, class AfterTile>
bool normalise_forward(const Tensor& x, const BatchNormTerms& terms, const Finish& finish, Result* y,
                       const AfterTile& after_tile) {
  const ChannelTile tile(x);
  const TiledTerms tiled(tile, terms);
  const float *s = tiled.scale.data(), *mean = tiled.mean.data(), *gain = tiled.gain.data(),
              *beta = tiled.beta.data();
  const Element* px = x.data<Element>();
  const std::vector<double> poisoned =
      reduce_channels<1>(tile, [=](std::int64_t at, std::int64_t length, const std::array<float*, 1>& sums) {
        normalise_tile(px + at, s, mean, gain, beta, length, finish, sums[0], y + at);
        after_tile(at, length);
      });
  return std::all_of(poisoned.begin(), poisoned.end(), [](double sum) { return sum == 0; });
}

}  // namespace tern::kernels::cpu
