#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/normalise.cuh"
#include "tern/kernels/cuda/optional_channels.cuh"
#include "tern/kernels/scale_batch_norm_add_prelu.h"

namespace tern::kernels::cuda {
namespace {

/// Bytes per element of an i16 z and an f32 stream: 6 read, 4 written.
template <int Width, class Integer, class Element>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    scale_batch_norm_add_prelu_kernel(ChannelGrid grid, const Integer* z, TermPointers pointers,
                                      const Element* shortcut, const float* slopes, OptionalChannels before,
                                      OptionalChannels after, Element* y, std::int32_t* non_finite) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  const SlotTerms<Width> terms(pointers, slot.channel);
  const auto slope = load<Width>(slopes + slot.channel);
  const auto shift = before.load<Width>(slot.channel), offset = after.load<Width>(slot.channel);
  float poisoned = 0;
  for (int step = 0; step < slot.steps; step += kRowsInFlight) {
    const auto integers = slot.load(z, step);
    const auto residual = slot.load(shortcut, step);
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (!slot.owns(step + r)) continue;
      Vector<float, Width> result;
      for (int k = 0; k < Width; ++k) {
        const float centred = terms[k].centred(to_float(integers.at[r].at[k]));
        const float u = terms[k].normalised(centred) + to_float(residual.at[r].at[k]) + shift.at[k];
        result.at[k] = prelu_value(u, slope.at[k]) + offset.at[k];
        poisoned += poison(result.at[k]);
      }
      store_rounded(y + slot.element(step + r), result);
    }
  }
  if (poisoned != 0) atomic_or(non_finite, 1);
}

/// First pass of the backward: du, and the sums dbeta, dgamma and dslope, those of du as it is stored. Bytes
/// per element with an f32 stream: 10 read, 4 written; the second pass reads 6 and writes 4.
template <class Integer, class Element>
struct TailSums {
  const Element* dy;
  const Integer* z;
  TermPointers pointers;
  const Element* shortcut;
  const float* slope;
  OptionalChannels before;
  std::int64_t channels;
  Element* du;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    struct Row {
      Vector<Element, Width> dy, shortcut;
      Vector<Integer, Width> z;
    };

    __device__ Columns(const TailSums& of_, std::int64_t channel_)
        : of(of_),
          channel(channel_),
          terms(of.pointers, channel),
          slope(cuda::load<Width>(of.slope + channel)),
          shift(of.before.load<Width>(channel)) {}

    __device__ Row load(std::int64_t row) const {
      const std::int64_t i = row * of.channels + channel;
      return {cuda::load<Width>(of.dy + i), cuda::load<Width>(of.shortcut + i), cuda::load<Width>(of.z + i)};
    }
    __device__ void add(std::int64_t row, const Row& loaded, float (&sums)[3][Width]) const {
      Vector<Element, Width> du;
      for (int k = 0; k < Width; ++k) {
        const float centred = terms[k].centred(to_float(loaded.z.at[k]));
        const float u = terms[k].normalised(centred) + to_float(loaded.shortcut.at[k]) + shift.at[k];
        const float upstream = to_float(loaded.dy.at[k]);
        du.at[k] = rounded_to<Element>(prelu_gradient(upstream, u, slope.at[k]));
        const float g = to_float(du.at[k]);
        sums[0][k] += g;
        sums[1][k] += g * (centred * terms[k].inv_std);
        sums[2][k] += prelu_slope_gradient(upstream, u);
      }
      store(of.du + row * of.channels + channel, du);
    }

    TailSums of;
    std::int64_t channel;
    SlotTerms<Width> terms;
    Vector<float, Width> slope, shift;
  };
};

struct StoreTailSums {
  StoreSums batch_norm;
  float* dslope;

  __device__ void operator()(std::int64_t channel, const double* sums) const {
    batch_norm(channel, sums);
    dslope[channel] = static_cast<float>(sums[2]);
  }
};

template <class Integer, class Element>
void forward(const Tensor& z, const TermPointers& pointers, const Tensor& shortcut, const Tensor& slope,
             const PreluShifts& shifts, Tensor& y, std::int32_t* non_finite) {
  visit_width(z.dim(-1), [&](auto width) {
    const ChannelGrid grid(z, width);
    TERN_LAUNCH((scale_batch_norm_add_prelu_kernel<width, Integer, Element>), grid.shape(width), grid,
                z.data<Integer>(), pointers, shortcut.data<Element>(), slope.data<float>(),
                OptionalChannels(shifts.before, kNoShift), OptionalChannels(shifts.after, kNoShift),
                y.data<Element>(), non_finite);
  });
}

template <class Integer, class Element>
void backward(const Tensor& dy, const Tensor& z, const TermPointers& pointers, const Tensor& shortcut,
              const Tensor& slope, const BatchStatistics& statistics, const Tensor& before,
              TailGradients& gradients) {
  const std::int64_t channels = z.dim(-1), rows = z.numel() / channels;
  Tensor means = Tensor::empty({2, channels}, DType::f32, z.device());
  Tensor& du = gradients.dshortcut;
  const StoreSums store_sums(gradients.batch_norm, means, rows, statistics);
  reduce_channels<3>(
      rows, channels, z.device(),
      TailSums<Integer, Element>{dy.data<Element>(), z.data<Integer>(), pointers, shortcut.data<Element>(),
                                 slope.data<float>(), OptionalChannels(before, kNoShift), channels,
                                 du.data<Element>()},
      StoreTailSums{store_sums, gradients.dslope.data<float>()});
  take_means_over_batch(statistics, gradients.batch_norm, means);
  // The gate is open, since du is the gradient that arrives at the batch norm already.
  normalise_backward_apply<Element>(du, z.data<Integer>(), pointers, means, OpenGate(),
                                    gradients.batch_norm.dx);
}

/// body(Integer(), Element()) with the types of z and of the stream.
template <class Body>
void visit_types(const Tensor& z, const Tensor& stream, const Body& body) {
  visit_float_type(stream.dtype(), [&](auto element) {
    visit_integers(z, [&](const auto* integers) {
      body(std::remove_const_t<std::remove_pointer_t<decltype(integers)>>(), element);
    });
  });
}

}  // namespace

void scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                const Tensor& shortcut, const Tensor& slope, const PreluShifts& shifts,
                                Tensor& y, std::int32_t* non_finite) {
  visit_types(z, shortcut, [&](auto integer, auto element) {
    forward<decltype(integer), decltype(element)>(z, TermPointers(terms, scale), shortcut, slope, shifts, y,
                                                  non_finite);
  });
}

void scale_batch_norm_add_prelu_backward(const Tensor& dy, const Tensor& z, const Tensor& scale,
                                         const BatchNormTerms& terms, const Tensor& shortcut,
                                         const Tensor& slope, const BatchStatistics& statistics,
                                         const Tensor& before, TailGradients& gradients) {
  visit_types(z, shortcut, [&](auto integer, auto element) {
    backward<decltype(integer), decltype(element)>(dy, z, TermPointers(terms, scale), shortcut, slope,
                                                   statistics, before, gradients);
  });
}

}  // namespace tern::kernels::cuda
