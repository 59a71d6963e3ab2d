#include "tern/kernels/common/threshold_activation_formulas.h"
#include "tern/kernels/cuda/channel_slot.cuh"
#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tern/kernels/threshold_activation.h"

namespace tern::kernels::cuda {
namespace {

template <int Width>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    threshold_activation_kernel(ChannelGrid grid, const float* x, const float* lows, const float* highs,
                                std::int8_t* y) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  const auto low = load<Width>(lows + slot.channel), high = load<Width>(highs + slot.channel);
  for (int step = 0; step < slot.steps; step += kRowsInFlight) {
    const auto rows = slot.load(x, step);
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (!slot.owns(step + r)) continue;
      Vector<std::int8_t, Width> result;
      for (int k = 0; k < Width; ++k) result.at[k] = ternary_between(rows.at[r].at[k], low.at[k], high.at[k]);
      store(y + slot.element(step + r), result);
    }
  }
}

/// dx, which may be dy, and the sums of the gradients of both thresholds.
struct ThresholdSums {
  const float *dy, *x, *low, *high;
  std::int64_t channels;
  float *dx, *dlow, *dhigh;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    struct Row {
      Vector<float, Width> dy, x;
    };

    __device__ Columns(const ThresholdSums& of, std::int64_t channel)
        : dy(of.dy + channel), x(of.x + channel), dx(of.dx + channel), step(of.channels) {
      const auto low = cuda::load<Width>(of.low + channel), high = cuda::load<Width>(of.high + channel);
      for (int k = 0; k < Width; ++k) {
        down.at[k] = threshold_slope(-low.at[k]);
        up.at[k] = threshold_slope(high.at[k]);
      }
    }

    __device__ Row load(std::int64_t row) const {
      return {cuda::load<Width>(dy + row * step), cuda::load<Width>(x + row * step)};
    }
    __device__ void add(std::int64_t row, const Row& loaded, float (&sums)[2][Width]) const {
      Vector<float, Width> result;
      for (int k = 0; k < Width; ++k) {
        const float value = loaded.x.at[k], upstream = loaded.dy.at[k];
        const float slope = slope_at(value, down.at[k], up.at[k]);
        const float of_distance = distance_gradient(upstream, value, slope);
        result.at[k] = upstream * slope;
        sums[0][k] += value < 0 ? -of_distance : 0.0F;
        sums[1][k] += value < 0 ? 0.0F : of_distance;
      }
      store(dx + row * step, result);
    }

    const float *dy, *x;
    float* dx;
    std::int64_t step;
    Vector<float, Width> down, up;
  };

  __device__ void operator()(std::int64_t channel, const double (&totals)[2]) const {
    dlow[channel] = static_cast<float>(totals[0]);
    dhigh[channel] = static_cast<float>(totals[1]);
  }
};

}  // namespace

void threshold_activation(const Tensor& x, const Tensor& low, const Tensor& high, Tensor& y) {
  visit_width(x.dim(-1), [&](auto width) {
    const ChannelGrid grid(x, width);
    TERN_LAUNCH(threshold_activation_kernel<width>, grid.shape(width), grid, x.data<float>(),
                low.data<float>(), high.data<float>(), y.data<std::int8_t>());
  });
}

void threshold_activation_backward(const Tensor& dy, const Tensor& x, const Tensor& low, const Tensor& high,
                                   ThresholdGradients& gradients) {
  const std::int64_t channels = x.dim(-1);
  const ThresholdSums body{dy.data<float>(),
                           x.data<float>(),
                           low.data<float>(),
                           high.data<float>(),
                           channels,
                           gradients.dx.data<float>(),
                           gradients.dlow.data<float>(),
                           gradients.dhigh.data<float>()};
  reduce_channels<2>(x.numel() / channels, channels, x.device(), body, body);
}

}  // namespace tern::kernels::cuda
