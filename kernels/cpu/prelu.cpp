#include "tern/kernels/prelu.h"

#include "tern/core/bfloat16.h"
#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cpu/channel_tile.h"

namespace tern::kernels::cpu {
namespace {

template <class Element>
void forward(const ChannelTile& tile, const Element* x, const float* slopes, const float* before,
             const float* after, Element* y) {
  for_each_tile(tile, [=](std::int64_t at, std::int64_t length) {
    for (std::int64_t j = 0; j < length; ++j) {
      y[at + j] = rounded_to<Element>(prelu_value(to_float(x[at + j]) + before[j], slopes[j]) + after[j]);
    }
  });
}

// Returns the gradient of the slopes.
template <class Element>
std::vector<double> backward(const ChannelTile& tile, const Element* dy, const Element* x,
                             const float* slopes, const float* before, Element* dx) {
  return reduce_channels<1>(tile,
                            [=](std::int64_t at, std::int64_t length, const std::array<float*, 1>& lanes) {
                              float* __restrict sum = lanes[0];
    // dx may be dy, which a run-time overlap check would take for a reason not to vectorise.
#pragma omp simd
                              for (std::int64_t j = 0; j < length; ++j) {
                                const float value = to_float(x[at + j]) + before[j];
                                const float upstream = to_float(dy[at + j]);
                                dx[at + j] = rounded_to<Element>(prelu_gradient(upstream, value, slopes[j]));
                                sum[j] += prelu_slope_gradient(upstream, value);
                              }
                            });
}

}  // namespace

void prelu(const Tensor& x, const Tensor& slope, const PreluShifts& shifts, Tensor& y) {
  const ChannelTile tile(x);
  const std::vector<float> slopes = tile.repeat(slope), before = tile.repeat(shifts.before, kNoShift),
                           after = tile.repeat(shifts.after, kNoShift);
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    forward(tile, x.data<Element>(), slopes.data(), before.data(), after.data(), y.data<Element>());
  });
}

void prelu_backward(const Tensor& dy, const Tensor& x, const Tensor& slope, const Tensor& before, Tensor& dx,
                    Tensor& dslope) {
  const ChannelTile tile(x);
  const std::vector<float> slopes = tile.repeat(slope), shift = tile.repeat(before, kNoShift);
  const std::vector<double> sums = visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    return backward(tile, dy.data<Element>(), x.data<Element>(), slopes.data(), shift.data(),
                    dx.data<Element>());
  });
  std::copy(sums.begin(), sums.end(), dslope.data<float>());
}

}  // namespace tern::kernels::cpu
