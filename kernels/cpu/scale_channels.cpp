#include "tern/kernels/scale_channels.h"

#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cpu/channel_tile.h"

namespace tern::kernels::cpu {

void scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias, Tensor& y) {
  const ChannelTile tile(x);
  const std::vector<float> scales = tile.repeat(scale);
  // Adding -0 changes no value, not even the sign of a zero.
  const std::vector<float> biases =
      bias.defined() ? tile.repeat(bias) : std::vector<float>(scales.size(), -0.0F);
  const float *s = scales.data(), *b = biases.data();
  float* py = y.data<float>();
  visit_numbers(x, [&](const auto* px) {
    for_each_tile(tile, [=](std::int64_t at, std::int64_t length) {
      for (std::int64_t j = 0; j < length; ++j) py[at + j] = static_cast<float>(px[at + j]) * s[j] + b[j];
    });
  });
}

void scale_channels_backward_scale(const Tensor& dy, const Tensor& x, Tensor& dscale) {
  const float* pdy = dy.data<float>();
  visit_numbers(x, [&](const auto* px) {
    const std::vector<double> totals = reduce_channels<1>(
        ChannelTile(x), [=](std::int64_t at, std::int64_t length, const std::array<float*, 1>& lanes) {
          float* __restrict sum = lanes[0];
#pragma omp simd
          for (std::int64_t j = 0; j < length; ++j) sum[j] += pdy[at + j] * static_cast<float>(px[at + j]);
        });
    for (std::size_t c = 0; c < totals.size(); ++c) dscale.data<float>()[c] = static_cast<float>(totals[c]);
  });
}

}  // namespace tern::kernels::cpu
