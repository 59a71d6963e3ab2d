#include "tern/kernels/channel_sums.h"
#include "tern/kernels/common/moments.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/reduce_channels.cuh"

namespace tern::kernels::cuda {

namespace {

template <class Integer>
void sum_channels(const Tensor& x, const Integer* elements, std::int64_t* sums) {
  const std::int64_t channels = x.dim(-1);
  reduce_channels<2, std::int64_t, std::int64_t>(
      x.numel() / channels, channels, x.device(),
      each_element([=] __device__(std::int64_t row, std::int64_t channel, std::int64_t(&lanes)[2]) {
        const std::int64_t value = elements[row * channels + channel];
        lanes[0] += value;
        lanes[1] += value * value;
      }),
      [=] __device__(std::int64_t channel, const std::int64_t(&totals)[2]) {
        sums[channel] = totals[0];
        sums[channels + channel] = totals[1];
      });
}

}  // namespace

void channel_sums(const Tensor& x, Tensor& sums) {
  visit_integers(x, [&](const auto* elements) { sum_channels(x, elements, sums.data<std::int64_t>()); });
}

void statistics_of_sums(const Tensor& sums, std::int64_t rows, Tensor& mean, Tensor& variance) {
  const std::int64_t channels = mean.numel();
  const std::int64_t* sum = sums.data<std::int64_t>();
  float *pmean = mean.data<float>(), *pvariance = variance.data<float>();
  for_each_element(channels, [=] __device__(std::int64_t c) {
    const Moments moments = integer_moments(sum[c], sum[channels + c], rows);
    pmean[c] = moments.mean;
    pvariance[c] = moments.variance;
  });
}

}  // namespace tern::kernels::cuda
