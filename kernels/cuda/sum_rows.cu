#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tern/kernels/sum_rows.h"

namespace tern::kernels::cuda {

void sum_rows(const Tensor& x, Tensor& sums) {
  const std::int64_t channels = x.dim(-1);
  if (channels == 0) return;
  const float* px = x.data<float>();
  float* py = sums.data<float>();
  reduce_channels<1>(x.numel() / channels, channels, x.device(),
                     each_element([=] __device__(std::int64_t row, std::int64_t channel, float(&lanes)[1]) {
                       lanes[0] += px[row * channels + channel];
                     }),
                     [=] __device__(std::int64_t channel, const double(&totals)[1]) {
                       py[channel] = static_cast<float>(totals[0]);
                     });
}

}  // namespace tern::kernels::cuda
