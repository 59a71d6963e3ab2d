#include "tern/kernels/batch_norm.h"

#include "tern/kernels/add.h"
#include "tern/kernels/common/moments.h"
#include "tern/kernels/cpu/normalise.h"

namespace tern::kernels::cpu {

namespace {

template <class Element>
void statistics(const ChannelTile& tile, const Element* x, std::int64_t rows, float* mean, float* variance) {
  const std::vector<float> pivots = tile.repeat([x](std::int64_t c) { return to_float(x[c]); });
  const float* pivot = pivots.data();
  const std::vector<double> sums =
      reduce_channels<2>(tile, [&](std::int64_t at, std::int64_t length, const std::array<float*, 2>& lanes) {
        float* __restrict sum = lanes[0];
        float* __restrict sum_square = lanes[1];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const float d = to_float(x[at + j]) - pivot[j];
          sum[j] += d;
          sum_square[j] += d * d;
        }
      });
  const std::int64_t channels = tile.channels();
  for (std::int64_t c = 0; c < channels; ++c) {
    const Moments moments = pivoted_moments(pivot[c], sums[static_cast<std::size_t>(c)],
                                            sums[static_cast<std::size_t>(channels + c)], rows);
    mean[c] = moments.mean;
    variance[c] = moments.variance;
  }
}

}  // namespace

void channel_statistics(const Tensor& x, Tensor& mean, Tensor& variance) {
  const ChannelTile tile(x);
  visit_float_type(x.dtype(), [&](auto element) {
    statistics(tile, x.data<decltype(element)>(), x.numel() / tile.channels(), mean.data<float>(),
               variance.data<float>());
  });
}

void batch_norm(const Tensor& x, const BatchNormTerms& terms, Tensor& y, std::int32_t* non_finite) {
  *non_finite = !visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    const auto finish = [](float t) { return rounded_to<Element>(t); };
    return normalise_forward<Element>(x, terms, finish, y.data<Element>(), [](std::int64_t, std::int64_t) {});
  });
}

void batch_norm_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                         const BatchStatistics& statistics, const Tensor& addend,
                         BatchNormGradients& gradients) {
  normalise_backward(
      dy, x, terms, statistics, [](float g, float) { return g; }, gradients);
  if (addend.defined()) add(gradients.dx, addend, gradients.dx);
}

}  // namespace tern::kernels::cpu
