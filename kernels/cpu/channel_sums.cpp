#include "tern/kernels/channel_sums.h"

#include <type_traits>

#include "tern/kernels/common/moments.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cpu/channel_tile.h"

namespace tern::kernels::cpu {
namespace {

template <class Integer>
std::vector<std::int64_t> sums_of(const ChannelTile& tile, const Integer* x) {
  // The narrowest type that holds a square: 64-bit products cost several instructions.
  using Square = std::conditional_t<sizeof(Integer) == 2, std::int32_t, std::int64_t>;
  return reduce_channels<2, std::int64_t, std::int64_t>(
      tile, [=](std::int64_t at, std::int64_t length, const std::array<std::int64_t*, 2>& lanes) {
        std::int64_t* __restrict sum = lanes[0];
        std::int64_t* __restrict sum_square = lanes[1];
#pragma omp simd
        for (std::int64_t j = 0; j < length; ++j) {
          const Square value = x[at + j];
          sum[j] += value;
          sum_square[j] += value * value;
        }
      });
}

}  // namespace

void channel_sums(const Tensor& x, Tensor& sums) {
  const auto totals =
      visit_integers(x, [&](const auto* integers) { return sums_of(ChannelTile(x), integers); });
  std::copy(totals.begin(), totals.end(), sums.data<std::int64_t>());
}

void statistics_of_sums(const Tensor& sums, std::int64_t rows, Tensor& mean, Tensor& variance) {
  const std::int64_t channels = mean.numel();
  const std::int64_t* sum = sums.data<std::int64_t>();
  for (std::int64_t c = 0; c < channels; ++c) {
    const Moments moments = integer_moments(sum[c], sum[channels + c], rows);
    mean.data<float>()[c] = moments.mean;
    variance.data<float>()[c] = moments.variance;
  }
}

}  // namespace tern::kernels::cpu
