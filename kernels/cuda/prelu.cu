#include "tern/core/bfloat16.h"
#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/channel_slot.cuh"
#include "tern/kernels/cuda/optional_channels.cuh"
#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tern/kernels/prelu.h"

namespace tern::kernels::cuda {
namespace {

template <int Width, class Element>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    prelu_kernel(ChannelGrid grid, const Element* x, const float* slopes, OptionalChannels before,
                 OptionalChannels after, Element* y) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  const auto slope = load<Width>(slopes + slot.channel);
  const auto shift = before.load<Width>(slot.channel), offset = after.load<Width>(slot.channel);
  for (int step = 0; step < slot.steps; step += kRowsInFlight) {
    const auto rows = slot.load(x, step);
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (!slot.owns(step + r)) continue;
      Vector<float, Width> result;
      for (int k = 0; k < Width; ++k) {
        result.at[k] = prelu_value(to_float(rows.at[r].at[k]) + shift.at[k], slope.at[k]) + offset.at[k];
      }
      store_rounded(y + slot.element(step + r), result);
    }
  }
}

struct StoreSlope {
  float* dslope;

  __device__ void operator()(std::int64_t channel, const double* sums) const {
    dslope[channel] = static_cast<float>(sums[0]);
  }
};

/// dx, which may be dy, and sums of what the elements add to the gradient of the slope.
template <class Element>
struct SlopeSums {
  const Element *dy, *x;
  const float* slope;
  OptionalChannels before;
  std::int64_t channels;
  Element* dx;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    struct Row {
      Vector<Element, Width> dy, x;
    };

    __device__ Columns(const SlopeSums& of_, std::int64_t channel_)
        : of(of_),
          channel(channel_),
          slope(cuda::load<Width>(of.slope + channel)),
          shift(of.before.load<Width>(channel)) {}

    __device__ Row load(std::int64_t row) const {
      const std::int64_t i = row * of.channels + channel;
      return {cuda::load<Width>(of.dy + i), cuda::load<Width>(of.x + i)};
    }
    __device__ void add(std::int64_t row, const Row& loaded, float (&sums)[1][Width]) const {
      Vector<float, Width> dx;
      for (int k = 0; k < Width; ++k) {
        const float value = to_float(loaded.x.at[k]) + shift.at[k], upstream = to_float(loaded.dy.at[k]);
        dx.at[k] = prelu_gradient(upstream, value, slope.at[k]);
        sums[0][k] += prelu_slope_gradient(upstream, value);
      }
      store_rounded(of.dx + row * of.channels + channel, dx);
    }

    SlopeSums of;
    std::int64_t channel;
    Vector<float, Width> slope, shift;
  };
};

}  // namespace

void prelu(const Tensor& x, const Tensor& slope, const PreluShifts& shifts, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    visit_width(x.dim(-1), [&](auto width) {
      const ChannelGrid grid(x, width);
      TERN_LAUNCH((prelu_kernel<width, Element>), grid.shape(width), grid, x.data<Element>(),
                  slope.data<float>(), OptionalChannels(shifts.before, kNoShift),
                  OptionalChannels(shifts.after, kNoShift), y.data<Element>());
    });
  });
}

void prelu_backward(const Tensor& dy, const Tensor& x, const Tensor& slope, const Tensor& before, Tensor& dx,
                    Tensor& dslope) {
  const std::int64_t channels = x.dim(-1);
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    const SlopeSums<Element> body{
        dy.data<Element>(), x.data<Element>(), slope.data<float>(), OptionalChannels(before, kNoShift),
        channels,           dx.data<Element>()};
    reduce_channels<1>(x.numel() / channels, channels, x.device(), body, StoreSlope{dslope.data<float>()});
  });
}

}  // namespace tern::kernels::cuda
