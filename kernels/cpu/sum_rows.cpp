#include "tern/kernels/sum_rows.h"

#include "tern/kernels/cpu/channel_tile.h"

namespace tern::kernels::cpu {

void sum_rows(const Tensor& x, Tensor& sums) {
  const float* px = x.data<float>();
  const std::vector<double> totals = reduce_channels<1>(
      ChannelTile(x), [px](std::int64_t at, std::int64_t length, const std::array<float*, 1>& lanes) {
        float* __restrict sum = lanes[0];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) sum[j] += px[at + j];
      });
  for (std::size_t c = 0; c < totals.size(); ++c) sums.data<float>()[c] = static_cast<float>(totals[c]);
}

}  // namespace tern::kernels::cpu
