#include "tern/kernels/common/moments.h"
#include "tern/kernels/common/prelu_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/batch_norm_ternary.cuh"
#include "tern/kernels/cuda/optional_channels.cuh"
#include "tern/kernels/scale_batch_norm_add_prelu.h"

namespace tern::kernels::cuda {
namespace {

/// What belongs to channels, in device memory.
struct TailPointers {
  TermPointers terms;
  const float* slope;
  OptionalChannels before, after;
};

/// The same of the channels of a thread.
template <int Width>
struct TailColumns {
  __device__ TailColumns(const TailPointers& of, std::int64_t channel)
      : terms(of.terms, channel),
        slope(load<Width>(of.slope + channel)),
        before(of.before.load<Width>(channel)),
        after(of.after.load<Width>(channel)) {}

  /// What goes into the PReLU.
  __device__ float sum(float centred, float shortcut, int k) const {
    return terms[k].normalised(centred) + shortcut + before.at[k];
  }
  __device__ float result_of(float u, int k) const { return prelu_value(u, slope.at[k]) + after.at[k]; }
  template <class Integer, class Element>
  __device__ Vector<float, Width> result(const Vector<Integer, Width>& z,
                                         const Vector<Element, Width>& shortcut) const {
    Vector<float, Width> y;
    for (int k = 0; k < Width; ++k) {
      const float u = sum(terms[k].centred(to_float(z.at[k])), to_float(shortcut.at[k]), k);
      y.at[k] = result_of(u, k);
    }
    return y;
  }

  SlotTerms<Width> terms;
  Vector<float, Width> slope, before, after;
};

template <int Width>
__device__ float poison(const Vector<float, Width>& values) {
  float poisoned = 0;
  for (int k = 0; k < Width; ++k) poisoned += kernels::poison(values.at[k]);
  return poisoned;
}

/// Bytes per element of an i16 z and an f32 stream: 6 read, 4 written.
template <int Width, class Integer, class Element>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    scale_batch_norm_add_prelu_kernel(ChannelGrid grid, const Integer* z, TailPointers pointers,
                                      const Element* shortcut, Element* y, std::int32_t* non_finite) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  const TailColumns<Width> columns(pointers, slot.channel);
  float poisoned = 0;
  for (int step = 0; step < slot.steps; step += kRowsInFlight) {
    const auto integers = slot.load(z, step);
    const auto residual = slot.load(shortcut, step);
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (!slot.owns(step + r)) continue;
      const auto result = columns.result(integers.at[r], residual.at[r]);
      poisoned += poison(result);
      store_rounded(y + slot.element(step + r), result);
    }
  }
  if (poisoned != 0) atomic_or(non_finite, 1);
}

/// The same as a sum over rows, of distances of y to its first row and of their squares, and what becomes of
/// them.
template <class Integer, class Element>
struct TailStatistics {
  const Integer* z;
  TailPointers pointers;
  const Element* shortcut;
  std::int64_t channels, rows;
  Element* y;
  std::int32_t* non_finite;
  float *mean, *variance;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    struct Row {
      Vector<Integer, Width> z;
      Vector<Element, Width> shortcut;
    };

    __device__ Columns(const TailStatistics& of_, std::int64_t channel_)
        : of(of_), channel(channel_), columns(of.pointers, channel) {
      const Row first = load(0);
      pivot = columns.result(first.z, first.shortcut);
    }

    __device__ Row load(std::int64_t row) const {
      const std::int64_t i = row * of.channels + channel;
      return {cuda::load<Width>(of.z + i), cuda::load<Width>(of.shortcut + i)};
    }
    __device__ void add(std::int64_t row, const Row& loaded, float (&sums)[2][Width]) const {
      const auto result = columns.result(loaded.z, loaded.shortcut);
      if (poison(result) != 0) atomic_or(of.non_finite, 1);
      store_rounded(of.y + row * of.channels + channel, result);
      for (int k = 0; k < Width; ++k) {
        const float d = stored<Element>(result.at[k]) - stored<Element>(pivot.at[k]);
        sums[0][k] += d;
        sums[1][k] += d * d;
      }
    }

    TailStatistics of;
    std::int64_t channel;
    TailColumns<Width> columns;
    Vector<float, Width> pivot;
  };

  __device__ void operator()(std::int64_t channel, const double (&sums)[2]) const {
    const Moments moments = pivoted_moments(to_float(y[channel]), sums[0], sums[1], rows);
    mean[channel] = moments.mean;
    variance[channel] = moments.variance;
  }
};

/// First pass of the backward: du, and the sums dbeta, dgamma and dslope, those of du as it is stored. Bytes
/// per element with an f32 stream: 10 read, or 14 where dy is made of a batch norm's, and 4 written; the
/// second pass reads 6 and writes 4.
template <class Integer, class Element, class Upstream>
struct TailSums {
  Upstream dy;
  const Integer* z;
  TailPointers pointers;
  const Element* shortcut;
  std::int64_t channels;
  Element* du;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    struct Row {
      typename Upstream::template Columns<Width>::Row dy;
      Vector<Element, Width> shortcut;
      Vector<Integer, Width> z;
    };

    __device__ Columns(const TailSums& of, std::int64_t channel_)
        : z(of.z),
          shortcut(of.shortcut),
          channels(of.channels),
          du(of.du),
          channel(channel_),
          columns(of.pointers, channel),
          upstream(of.dy, channel) {}

    __device__ Row load(std::int64_t row) const {
      const std::int64_t i = row * channels + channel;
      return {upstream.load(row, i), cuda::load<Width>(shortcut + i), cuda::load<Width>(z + i)};
    }
    __device__ void add(std::int64_t row, const Row& loaded, float (&sums)[3][Width]) const {
      Vector<Element, Width> gradient;
      for (int k = 0; k < Width; ++k) {
        const ChannelTerms& terms = columns.terms[k];
        const float centred = terms.centred(to_float(loaded.z.at[k]));
        const float u = columns.sum(centred, to_float(loaded.shortcut.at[k]), k);
        const float dy = upstream.at(loaded.dy, k, stored<Element>(columns.result_of(u, k)));
        gradient.at[k] = rounded_to<Element>(prelu_gradient(dy, u, columns.slope.at[k]));
        const float g = to_float(gradient.at[k]);
        sums[0][k] += g;
        sums[1][k] += g * (centred * terms.inv_std);
        sums[2][k] += prelu_slope_gradient(dy, u);
      }
      store(du + row * channels + channel, gradient);
    }

    const Integer* z;
    const Element* shortcut;
    std::int64_t channels;
    Element* du;
    std::int64_t channel;
    TailColumns<Width> columns;
    typename Upstream::template Columns<Width> upstream;
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
void forward(const Tensor& z, const TailPointers& pointers, const Tensor& shortcut, Tensor& y,
             std::int32_t* non_finite) {
  visit_width(z.dim(-1), [&](auto width) {
    const ChannelGrid grid(z, width);
    TERN_LAUNCH((scale_batch_norm_add_prelu_kernel<width, Integer, Element>), grid.shape(width), grid,
                z.data<Integer>(), pointers, shortcut.data<Element>(), y.data<Element>(), non_finite);
  });
}

template <class Integer, class Element>
void forward_with_statistics(const Tensor& z, const TailPointers& pointers, const Tensor& shortcut,
                             TailWithStatistics& result, std::int32_t* non_finite) {
  const std::int64_t channels = z.dim(-1), rows = z.numel() / channels;
  const TailStatistics<Integer, Element> body{z.data<Integer>(),
                                              pointers,
                                              shortcut.data<Element>(),
                                              channels,
                                              rows,
                                              result.y.data<Element>(),
                                              non_finite,
                                              result.statistics.mean.data<float>(),
                                              result.statistics.variance.data<float>()};
  reduce_channels<2>(rows, channels, z.device(), body, body);
}

template <class Integer, class Element, class Upstream>
void backward(const Upstream& dy, const Tensor& z, const TailPointers& pointers, const Tensor& shortcut,
              const BatchStatistics& statistics, TailGradients& gradients) {
  const std::int64_t channels = z.dim(-1), rows = z.numel() / channels;
  Tensor means = Tensor::empty({2, channels}, DType::f32, z.device());
  Tensor& du = gradients.dshortcut;
  const StoreSums store_sums(gradients.batch_norm, means, rows, statistics);
  reduce_channels<3>(
      rows, channels, z.device(),
      TailSums<Integer, Element, Upstream>{dy, z.data<Integer>(), pointers, shortcut.data<Element>(),
                                           channels, du.data<Element>()},
      StoreTailSums{store_sums, gradients.dslope.data<float>()});
  take_means_over_batch(statistics, gradients.batch_norm, means);
  // The gate is open, since du is the gradient that arrives at the batch norm already.
  normalise_backward_apply<Element>(stored_upstream<Element>(du), z.data<Integer>(), pointers.terms, means,
                                    OpenGate(), gradients.batch_norm.dx);
}

TailPointers pointers_of(const Tensor& scale, const BatchNormTerms& terms, const Tensor& slope,
                         const PreluShifts& shifts) {
  return {TermPointers(terms, scale), slope.data<float>(), OptionalChannels(shifts.before, kNoShift),
          OptionalChannels(shifts.after, kNoShift)};
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
    forward<decltype(integer), decltype(element)>(z, pointers_of(scale, terms, slope, shifts), shortcut, y,
                                                  non_finite);
  });
}

void scale_batch_norm_add_prelu_with_statistics(const Tensor& z, const Tensor& scale,
                                                const BatchNormTerms& terms, const Tensor& shortcut,
                                                const Tensor& slope, const PreluShifts& shifts,
                                                TailWithStatistics& result, std::int32_t* non_finite) {
  visit_types(z, shortcut, [&](auto integer, auto element) {
    forward_with_statistics<decltype(integer), decltype(element)>(z, pointers_of(scale, terms, slope, shifts),
                                                                  shortcut, result, non_finite);
  });
}

void scale_batch_norm_add_prelu_backward(const Tensor& dy, const Tensor& z, const Tensor& scale,
                                         const BatchNormTerms& terms, const Tensor& shortcut,
                                         const Tensor& slope, const BatchStatistics& statistics,
                                         const Tensor& before, TailGradients& gradients) {
  visit_types(z, shortcut, [&](auto integer, auto element) {
    using Element = decltype(element);
    backward<decltype(integer), Element>(stored_upstream<Element>(dy), z,
                                         pointers_of(scale, terms, slope, {before, {}}), shortcut, statistics,
                                         gradients);
  });
}

void scale_batch_norm_add_prelu_backward_of_norm(const BatchNormTernaryDx& dy, const Tensor& z,
                                                 const Tensor& scale, const BatchNormTerms& terms,
                                                 const Tensor& shortcut, const Tensor& slope,
                                                 const BatchStatistics& statistics,
                                                 TailGradients& gradients) {
  visit_types(z, shortcut, [&](auto integer, auto element) {
    using Element = decltype(element);
    backward<decltype(integer), Element>(BatchNormTernaryUpstream<Element>(dy), z,
                                         pointers_of(scale, terms, slope, {}), shortcut, statistics,
                                         gradients);
  });
}

}  // namespace tern::kernels::cuda
