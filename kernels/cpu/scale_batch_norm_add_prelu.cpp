#include "tern/kernels/scale_batch_norm_add_prelu.h"

#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cpu/normalise.h"

namespace tern::kernels::cpu {
namespace {

// Of the PReLU, repeated over a tile.
struct TiledPrelu {
  TiledPrelu(const ChannelTile& tile, const Tensor& slopes, const PreluShifts& shifts)
      : slope(tile.repeat(slopes)),
        before(tile.repeat(shifts.before, kNoShift)),
        after(tile.repeat(shifts.after, kNoShift)) {}

  std::vector<float> slope, before, after;
};

template <class Integer, class Element>
bool forward(const ChannelTile& tile, const TiledTerms& tiled, const TiledPrelu& prelu, const Integer* z,
             const Element* shortcut, Element* y) {
  const float *s = tiled.scale.data(), *mean = tiled.mean.data(), *gain = tiled.gain.data(),
              *beta = tiled.beta.data();
  const float *p = prelu.slope.data(), *before = prelu.before.data(), *after = prelu.after.data();
  const std::vector<double> poisoned =
      reduce_channels<1>(tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 1>& sums) {
        float* __restrict bad = sums[0];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float from_mean = centred(to_float(z[at + j]), s[j], mean[j]);
          const float u = normalised(from_mean, gain[j], beta[j]) + to_float(shortcut[at + j]);
          const float result = prelu_value(u + before[j], p[j]) + after[j];
          bad[j] += poison(result);
          y[at + j] = rounded_to<Element>(result);
        }
      });
  return std::all_of(poisoned.begin(), poisoned.end(), [](double sum) { return sum == 0; });
}

// First pass: du = dshortcut, and the sums dbeta, dgamma and dslope. du may overwrite dy. The sums are those
// of du as it is stored, which the second pass reads.
template <class Integer, class Element>
std::vector<double> backward_sums(const ChannelTile& tile, const TiledTerms& tiled, const TiledPrelu& prelu,
                                  const Element* dy, const Integer* z, const Element* shortcut, Element* du) {
  const float *s = tiled.scale.data(), *mean = tiled.mean.data(), *inv_std = tiled.inv_std.data(),
              *gain = tiled.gain.data(), *beta = tiled.beta.data();
  const float *p = prelu.slope.data(), *before = prelu.before.data();
  return reduce_channels<3>(
      tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 3>& sums) {
        float* __restrict sum_g = sums[0], * __restrict sum_gx = sums[1], * __restrict sum_slope = sums[2];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float from_mean = centred(to_float(z[at + j]), s[j], mean[j]);
          const float sum = normalised(from_mean, gain[j], beta[j]) + to_float(shortcut[at + j]);
          const float u = sum + before[j];
          const float upstream = to_float(dy[at + j]);
          const float g = to_float(rounded_to<Element>(prelu_gradient(upstream, u, p[j])));
          du[at + j] = rounded_to<Element>(g);  // exact
          sum_g[j] += g;
          sum_gx[j] += g * (from_mean * inv_std[j]);
          sum_slope[j] += prelu_slope_gradient(upstream, u);
        }
      });
}

template <class Integer, class Element>
void backward(const ChannelTile& tile, const TiledTerms& tiled, const TiledPrelu& prelu, const Element* dy,
              const Integer* z, const Element* shortcut, std::int64_t rows, const BatchStatistics& statistics,
              TailGradients& gradients) {
  Element* du = gradients.dshortcut.data<Element>();
  const std::vector<double> sums = backward_sums(tile, tiled, prelu, dy, z, shortcut, du);
  store_sums(sums, gradients.batch_norm);
  const std::int64_t channels = tile.channels();
  for (std::int64_t c = 0; c < channels; ++c) {
    gradients.dslope.data<float>()[c] = static_cast<float>(sums[static_cast<std::size_t>(2 * channels + c)]);
  }
  const std::vector<float> means = gradient_means(sums, rows, statistics, gradients.batch_norm);
  // Second pass: the gate is open, since du is the gradient that arrives at the batch norm already.
  normalise_backward_apply(
      tile, tiled, du, z, means, [](float g, float) { return g; }, gradients.batch_norm.dx.data<Element>());
}

}  // namespace

void scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                const Tensor& shortcut, const Tensor& slope, const PreluShifts& shifts,
                                Tensor& y, std::int32_t* non_finite) {
  const ChannelTile tile(z);
  const TiledTerms tiled(tile, terms, scale);
  const TiledPrelu tiled_prelu(tile, slope, shifts);
  *non_finite = !visit_float_type(y.dtype(), [&](auto element) {
    using Element = decltype(element);
    return visit_integers(z, [&](const auto* integers) {
      return forward(tile, tiled, tiled_prelu, integers, shortcut.data<Element>(), y.data<Element>());
    });
  });
}

void scale_batch_norm_add_prelu_with_statistics(const Tensor& z, const Tensor& scale,
                                                const BatchNormTerms& terms, const Tensor& shortcut,
                                                const Tensor& slope, const PreluShifts& shifts,
                                                TailWithStatistics& result, std::int32_t* non_finite) {
  scale_batch_norm_add_prelu(z, scale, terms, shortcut, slope, shifts, result.y, non_finite);
  channel_statistics(result.y, result.statistics.mean, result.statistics.variance);
}

void scale_batch_norm_add_prelu_backward(const Tensor& dy, const Tensor& z, const Tensor& scale,
                                         const BatchNormTerms& terms, const Tensor& shortcut,
                                         const Tensor& slope, const BatchStatistics& statistics,
                                         const Tensor& before, TailGradients& gradients) {
  const ChannelTile tile(z);
  const TiledTerms tiled(tile, terms, scale);
  const TiledPrelu tiled_prelu(tile, slope, {before, {}});
  const std::int64_t rows = z.numel() / tile.channels();
  visit_float_type(dy.dtype(), [&](auto element) {
    using Element = decltype(element);
    visit_integers(z, [&](const auto* integers) {
      backward(tile, tiled, tiled_prelu, dy.data<Element>(), integers, shortcut.data<Element>(), rows,
               statistics, gradients);
    });
  });
}

}  // namespace tern::kernels::cpu
