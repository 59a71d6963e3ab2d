#include "tern/core/bfloat16.h"
#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/optional_channels.cuh"
#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tern/kernels/prelu.h"

namespace tern::kernels::cuda {
namespace {

template <class Element>
void forward(std::int64_t channels, const Tensor& x, const float* slopes, const PreluShifts& shifts,
             Tensor& y) {
  const OptionalChannels before(shifts.before, kNoShift), after(shifts.after, kNoShift);
  const Element* px = x.data<Element>();
  Element* py = y.data<Element>();
  for_each_coordinates({x.numel() / channels, channels},
                       [=] __device__(std::int64_t i, const Coordinates<2>& at) {
                         const float value = to_float(px[i]) + before[at[1]];
                         py[i] = rounded_to<Element>(prelu_value(value, slopes[at[1]]) + after[at[1]]);
                       });
}

template <class Element>
void backward(std::int64_t channels, const Tensor& dy, const Tensor& x, const float* slopes,
              const OptionalChannels& before, Tensor& dx, float* dslope) {
  const Element *pdy = dy.data<Element>(), *px = x.data<Element>();
  Element* pdx = dx.data<Element>();
  reduce_channels<1>(
      x.numel() / channels, channels, x.device(),
      [=] __device__(std::int64_t row, std::int64_t channel, float(&lanes)[1]) {
        const std::int64_t i = row * channels + channel;
        // read before dx, which may be dy, is written
        const float value = to_float(px[i]) + before[channel], upstream = to_float(pdy[i]);
        pdx[i] = rounded_to<Element>(prelu_gradient(upstream, value, slopes[channel]));
        lanes[0] += prelu_slope_gradient(upstream, value);
      },
      [=] __device__(std::int64_t channel, const double(&totals)[1]) {
        dslope[channel] = static_cast<float>(totals[0]);
      });
}

}  // namespace

void prelu(const Tensor& x, const Tensor& slope, const PreluShifts& shifts, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) {
    forward<decltype(element)>(x.dim(-1), x, slope.data<float>(), shifts, y);
  });
}

void prelu_backward(const Tensor& dy, const Tensor& x, const Tensor& slope, const Tensor& before, Tensor& dx,
                    Tensor& dslope) {
  const OptionalChannels shift(before, kNoShift);
  visit_float_type(x.dtype(), [&](auto element) {
    backward<decltype(element)>(x.dim(-1), dy, x, slope.data<float>(), shift, dx, dslope.data<float>());
  });
}

}  // namespace tern::kernels::cuda
