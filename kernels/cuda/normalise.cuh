// The passes of the batch norm that its fused relatives share (formulas:
// kernels/common/batch_norm_formulas.h).
//
// Bytes per element of a f32 x: forward 4 read and a result written; backward, first pass 8 read, second pass
// 8 read and 4 written. Half of it for bf16.
#pragma once

#include "tern/kernels/batch_norm.h"
#include "tern/kernels/common/batch_norm_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/channel_slot.cuh"
#include "tern/kernels/cuda/reduce_channels.cuh"

namespace tern::kernels::cuda {

/// What a fused operation would have stored between its parts, and loaded again.
template <class Element>
__device__ __forceinline__ float stored(float value) {
  return to_float(rounded_to<Element>(value));
}

/// The terms of all channels in device memory; without a scale, s = 1.
struct TermPointers {
  explicit TermPointers(const BatchNormTerms& terms, const Tensor& per_channel_scale = Tensor())
      : scale(per_channel_scale.defined() ? per_channel_scale.data<float>() : nullptr),
        mean(terms.mean.data<float>()),
        inv_std(terms.inv_std.data<float>()),
        gamma(terms.gamma.data<float>()),
        beta(terms.beta.data<float>()) {}

  const float *scale, *mean, *inv_std, *gamma, *beta;
};

/// The terms of a channel.
struct ChannelTerms {
  __device__ float centred(float x) const { return kernels::centred(x, scale, mean); }
  __device__ float normalised(float centred_x) const { return kernels::normalised(centred_x, gain, beta); }

  float scale, mean, inv_std, gain, beta;
};

/// The terms of the channels of a thread.
template <int Width>
struct SlotTerms {
  SlotTerms() = default;
  __device__ SlotTerms(const TermPointers& of, std::int64_t channel) {
    const auto scale = load_or<Width>(of.scale, channel, 1.0F);
    const auto mean = load<Width>(of.mean + channel), inv_std = load<Width>(of.inv_std + channel);
    const auto gamma = load<Width>(of.gamma + channel), beta = load<Width>(of.beta + channel);
    for (int k = 0; k < Width; ++k) {
      at[k] = {scale.at[k], mean.at[k], inv_std.at[k], gamma.at[k] * inv_std.at[k], beta.at[k]};
    }
  }

  __device__ const ChannelTerms& operator[](int k) const { return at[k]; }

  ChannelTerms at[Width];
};

/// What a gate (below) is to Width channels of a thread, where it is the same to all channels.
template <class Gate>
struct SameForAllChannels {
  template <int Width>
  using Columns = Gate;
  static constexpr int kSums = 0;

  template <int Width>
  __device__ Gate columns(std::int64_t) const {
    return static_cast<const Gate&>(*this);
  }
  template <class Sums>
  __device__ void add(float, float, int, Sums&) const {}
  __device__ void store(std::int64_t, const double*) const {}
};

/// A gate is the backward of what follows the batch norm: gate.columns<Width>(channel)(dy, t, k) is the
/// gradient g of t in the k-th of those channels. add(dy, t, k, sums) of the columns adds to kSums sums of
/// its own, behind those of g and of g * x_hat; store(channel, totals) of the gate stores them. This is the
/// gate where nothing follows.
struct OpenGate : SameForAllChannels<OpenGate> {
  __device__ float operator()(float dy, float, int) const { return dy; }
};

/// y = finish.columns<Width>(channel)(t, k) in the k-th of those channels.
template <int Width, class Element, class Finish, class Result>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    normalise_kernel(ChannelGrid grid, const Element* x, TermPointers pointers, Finish finish, Result* y,
                     std::int32_t* non_finite) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  const SlotTerms<Width> terms(pointers, slot.channel);
  const auto finish_columns = finish.template columns<Width>(slot.channel);
  float poisoned = 0;
  for (int step = 0; step < slot.steps; step += kRowsInFlight) {
    const auto rows = slot.load(x, step);
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (!slot.owns(step + r)) continue;
      Vector<Result, Width> result;
      for (int k = 0; k < Width; ++k) {
        const float t = terms[k].normalised(terms[k].centred(to_float(rows.at[r].at[k])));
        poisoned += poison(t);
        result.at[k] = finish_columns(t, k);
      }
      store(y + slot.element(step + r), result);
    }
  }
  if (poisoned != 0) atomic_or(non_finite, 1);
}

/// An upstream is where dy comes from. At the channels of a thread, its Columns<Width> load a row, whose
/// first element has the given index, and make values(row) of it, or at(row, k, y) of the k-th channel where
/// y is the result that dy is the gradient of. This one is a tensor.
template <class Element>
struct StoredUpstream {
  const Element* dy;

  template <int Width>
  struct Columns {
    using Row = Vector<Element, Width>;

    __device__ Columns(const StoredUpstream& of, std::int64_t) : dy(of.dy) {}
    __device__ Row load(std::int64_t /*row*/, std::int64_t element) const {
      return cuda::load<Width>(dy + element);
    }
    __device__ Vector<float, Width> values(const Row& row) const { return as_floats(row); }
    __device__ float at(const Row& row, int k, float /*y*/) const { return to_float(row.at[k]); }

    const Element* dy;
  };
};

template <class Element>
StoredUpstream<Element> stored_upstream(const Tensor& dy) {
  return {dy.data<Element>()};
}

/// dx of the channels of a thread, for g = gate(dy, t); means (2, C) are those of g and of g * x_hat.
template <int Width, class Gate>
struct GradientColumns {
  __device__ GradientColumns(const TermPointers& pointers, const Gate& of, const float* means,
                             std::int64_t channels, std::int64_t channel)
      : terms(pointers, channel),
        gate(of.template columns<Width>(channel)),
        mean_g(load<Width>(means + channel)),
        mean_gx(load<Width>(means + channels + channel)) {}

  __device__ float dx(float dy, float x, int k) const {
    const ChannelTerms& t = terms[k];
    const float centred = t.centred(x);
    const float g = gate(dy, t.normalised(centred), k);
    return normalised_gradient(g, centred * t.inv_std, t.scale, t.gain, mean_g.at[k], mean_gx.at[k]);
  }

  SlotTerms<Width> terms;
  typename Gate::template Columns<Width> gate;
  Vector<float, Width> mean_g, mean_gx;
};

/// dx, plus an addend unless that is null.
template <int Width, class Element, class Number, class Upstream, class Gate>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    normalise_gradient_kernel(ChannelGrid grid, Upstream dy, const Number* x, TermPointers pointers,
                              const float* means, Gate gate, const Element* addend, Element* dx) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  const GradientColumns<Width, Gate> columns(pointers, gate, means, grid.channels, slot.channel);
  const typename Upstream::template Columns<Width> upstream(dy, slot.channel);
  for (int step = 0; step < slot.steps; step += kRowsInFlight) {
    typename Upstream::template Columns<Width>::Row gradients[kRowsInFlight];
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (slot.owns(step + r)) gradients[r] = upstream.load(slot.row(step + r), slot.element(step + r));
    }
    const auto rows = slot.load(x, step);
    Rows<Element, Width> others{};
    if (addend != nullptr) others = slot.load(addend, step);
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (!slot.owns(step + r)) continue;
      const Vector<float, Width> of_row = upstream.values(gradients[r]);
      Vector<float, Width> result;
      for (int k = 0; k < Width; ++k) {
        result.at[k] = columns.dx(of_row.at[k], to_float(rows.at[r].at[k]), k);
        if (addend != nullptr) result.at[k] = stored<Element>(result.at[k]) + to_float(others.at[r].at[k]);
      }
      store_rounded(dx + slot.element(step + r), result);
    }
  }
}

/// What becomes of the sums {dbeta, dgamma} of a channel: gradients, and the means of the second pass, which
/// are zero where mean and inv_std are constants.
struct StoreSums {
  StoreSums(BatchNormGradients& gradients, Tensor& mean_tensor, std::int64_t row_count,
            const BatchStatistics& statistics)
      : dbeta(gradients.dbeta.data<float>()),
        dgamma(gradients.dgamma.data<float>()),
        means(mean_tensor.data<float>()),
        channels(gradients.dbeta.numel()),
        rows(static_cast<double>(row_count)),
        through_statistics(statistics.of_batch) {}

  __device__ void operator()(std::int64_t channel, const double* sums) const {
    dbeta[channel] = static_cast<float>(sums[0]);
    dgamma[channel] = static_cast<float>(sums[1]);
    means[channel] = through_statistics ? static_cast<float>(sums[0] / rows) : 0.0F;
    means[channels + channel] = through_statistics ? static_cast<float>(sums[1] / rows) : 0.0F;
  }

  float *dbeta, *dgamma, *means;
  std::int64_t channels;
  double rows;
  bool through_statistics;
};

/// Between the passes: where x is a part of the batch, `means` become those of the batch.
inline void take_means_over_batch(const BatchStatistics& statistics, const BatchNormGradients& gradients,
                                  Tensor& means) {
  if (statistics.means_over_batch) means = statistics.means_over_batch(gradients.dbeta, gradients.dgamma);
}

/// First pass: sums of g = gate(dy, t), of g * x_hat and those of the gate.
template <class Element, class Upstream, class Gate>
struct GradientSums {
  Upstream dy;
  const Element* x;
  TermPointers pointers;
  std::int64_t channels;
  Gate gate;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    struct Row {
      typename Upstream::template Columns<Width>::Row dy;
      Vector<Element, Width> x;
    };

    __device__ Columns(const GradientSums& of, std::int64_t channel_)
        : upstream(of.dy, channel_),
          x(of.x),
          channels(of.channels),
          channel(channel_),
          gate(of.gate.template columns<Width>(channel)),
          terms(of.pointers, channel) {}

    __device__ Row load(std::int64_t row) const {
      const std::int64_t i = row * channels + channel;
      return {upstream.load(row, i), cuda::load<Width>(x + i)};
    }
    __device__ void add(std::int64_t, const Row& row, float (&sums)[2 + Gate::kSums][Width]) const {
      const Vector<float, Width> dy = upstream.values(row.dy);
      for (int k = 0; k < Width; ++k) {
        const float centred = terms[k].centred(to_float(row.x.at[k])), t = terms[k].normalised(centred);
        const float g = gate(dy.at[k], t, k);
        sums[0][k] += g;
        sums[1][k] += g * (centred * terms[k].inv_std);
        gate.add(dy.at[k], t, k, sums);
      }
    }

    typename Upstream::template Columns<Width> upstream;
    const Element* x;
    std::int64_t channels, channel;
    typename Gate::template Columns<Width> gate;
    SlotTerms<Width> terms;
  };
};

/// Forward.
template <class Element, class Finish, class Result>
void normalise_forward(const Tensor& x, const BatchNormTerms& terms, Finish finish, Result* y,
                       std::int32_t* non_finite) {
  const TermPointers pointers(terms);
  const Element* px = x.data<Element>();
  visit_width(x.dim(-1), [&](auto width) {
    const ChannelGrid grid(x, width);
    TERN_LAUNCH((normalise_kernel<width, Element, Finish, Result>), grid.shape(width), grid, px, pointers,
                finish, y, non_finite);
  });
}

/// Second pass of the backward; the addend may be undefined.
template <class Element, class Number, class Upstream, class Gate>
void normalise_backward_apply(const Upstream& dy, const Number* x, const TermPointers& pointers,
                              const Tensor& means, Gate gate, Tensor& dx, const Tensor& addend = {}) {
  visit_width(dx.dim(-1), [&](auto width) {
    const ChannelGrid grid(dx, width);
    TERN_LAUNCH((normalise_gradient_kernel<width, Element, Number, Upstream, Gate>), grid.shape(width), grid,
                dy, x, pointers, means.data<float>(), gate,
                addend.defined() ? addend.data<Element>() : nullptr, dx.data<Element>());
  });
}

/// StoreSums, and what the gate stores of its own sums.
template <class Gate>
struct StoreAllSums {
  StoreSums batch_norm;
  Gate gate;

  __device__ void operator()(std::int64_t channel, const double* sums) const {
    batch_norm(channel, sums);
    gate.store(channel, sums + 2);
  }
};

/// First pass of the backward of a batch norm whose output, of the dtype of x, went through a gate: all of
/// `gradients` but dx, and the means (2, C) that the second pass takes.
template <class Element, class Upstream, class Gate>
Tensor normalise_backward_sums(const Upstream& dy, const Tensor& x, const BatchNormTerms& terms,
                               const BatchStatistics& statistics, Gate gate, BatchNormGradients& gradients) {
  const std::int64_t channels = x.dim(-1), rows = x.numel() / channels;
  Tensor means = Tensor::empty({2, channels}, DType::f32, x.device());
  const StoreSums store_sums(gradients, means, rows, statistics);
  reduce_channels<2 + Gate::kSums>(
      rows, channels, x.device(),
      GradientSums<Element, Upstream, Gate>{dy, x.data<Element>(), TermPointers(terms), channels, gate},
      StoreAllSums<Gate>{store_sums, gate});
  take_means_over_batch(statistics, gradients, means);
  return means;
}

/// Both passes.
template <class Element, class Upstream, class Gate>
void normalise_backward(const Upstream& dy, const Tensor& x, const BatchNormTerms& terms,
                        const BatchStatistics& statistics, Gate gate, BatchNormGradients& gradients,
                        const Tensor& addend = {}) {
  const Tensor means = normalise_backward_sums<Element>(dy, x, terms, statistics, gate, gradients);
  normalise_backward_apply<Element>(dy, x.data<Element>(), TermPointers(terms), means, gate, gradients.dx,
                                    addend);
}

}  // namespace tern::kernels::cuda
