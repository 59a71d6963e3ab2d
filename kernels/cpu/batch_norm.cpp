#include "kernels/batch_norm.h"

#include "kernels/cpu/normalise.h"
#include "kernels/integer_moments.h"
#include "kernels/visit_elements.h"

namespace tern::kernels::cpu {

namespace {

void float_statistics(const Tensor& x, Tensor& mean, Tensor& variance) {
  // Sums of differences from the first row: E[d^2] - E[d]^2 does not cancel as E[x^2] - E[x]^2 does when
  // the mean is large against the deviation.
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
  const double rows = static_cast<double>(x.numel() / x.dim(-1));
  for (std::int64_t c = 0; c < tile.channels(); ++c) {
    const double d = sums[static_cast<std::size_t>(c)] / rows;
    const double square = sums[static_cast<std::size_t>(tile.channels() + c)] / rows;
    mean.data<float>()[c] = static_cast<float>(pivots[static_cast<std::size_t>(c)] + d);
    // Not std::max(0, v): that would turn a NaN into 0.
    const double v = square - d * d;
    variance.data<float>()[c] = static_cast<float>(v < 0 ? 0.0 : v);
  }
}

template <class Integer>
void integer_statistics(const ChannelTile& tile, const Integer* x, std::int64_t rows, float* mean,
                        float* variance) {
  const auto sums = reduce_channels<2, std::int64_t, std::int64_t>(
      tile, [=](std::int64_t at, std::int64_t length, const std::array<std::int64_t*, 2>& lanes) {
        std::int64_t* __restrict sum = lanes[0];
        std::int64_t* __restrict sum_square = lanes[1];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const std::int64_t value = x[at + j];
          sum[j] += value;
          sum_square[j] += value * value;
        }
      });
  const std::int64_t channels = tile.channels();
  for (std::int64_t c = 0; c < channels; ++c) {
    const Moments moments = integer_moments(sums[static_cast<std::size_t>(c)],
                                            sums[static_cast<std::size_t>(channels + c)], rows);
    mean[c] = moments.mean;
    variance[c] = moments.variance;
  }
}

}  // namespace

void channel_statistics(const Tensor& x, Tensor& mean, Tensor& variance) {
  if (x.dtype() == DType::f32) return float_statistics(x, mean, variance);
  const ChannelTile tile(x);
  visit_integers(x, [&](const auto* integers) {
    integer_statistics(tile, integers, x.numel() / tile.channels(), mean.data<float>(),
                       variance.data<float>());
  });
}

bool batch_norm(const Tensor& x, const BatchNormTerms& terms, Tensor& y) {
  return normalise_forward(
      x, terms, [](float t) { return t; }, y.data<float>(), [](std::int64_t, std::int64_t) {});
}

void batch_norm_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                         bool batch_statistics, BatchNormGradients& gradients) {
  normalise_backward(
      dy, x, terms, batch_statistics, [](float g, float) { return g; }, gradients);
}

}  // namespace tern::kernels::cpu
