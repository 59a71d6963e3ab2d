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

/// The gate of what follows no other function.
struct OpenGate {
  __device__ float operator()(float dy, float) const { return dy; }
};

/// y = finish(t).
template <int Width, class Element, class Finish, class Result>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    normalise_kernel(ChannelGrid grid, const Element* x, TermPointers pointers, Finish finish, Result* y,
                     std::int32_t* non_finite) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  const SlotTerms<Width> terms(pointers, slot.channel);
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
        result.at[k] = finish(t);
      }
      store(y + slot.element(step + r), result);
    }
  }
  if (poisoned != 0) atomic_or(non_finite, 1);
}

/// dx for g = gate(dy, t); means (2, C) are those of g and of g * x_hat.
template <int Width, class Element, class Number, class Gate>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    normalise_gradient_kernel(ChannelGrid grid, const Element* dy, const Number* x, TermPointers pointers,
                              const float* means, Gate gate, Element* dx) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  const SlotTerms<Width> terms(pointers, slot.channel);
  const auto mean_g = load<Width>(means + slot.channel);
  const auto mean_gx = load<Width>(means + grid.channels + slot.channel);
  for (int step = 0; step < slot.steps; step += kRowsInFlight) {
    const auto upstream = slot.load(dy, step);
    const auto rows = slot.load(x, step);
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (!slot.owns(step + r)) continue;
      Vector<float, Width> result;
      for (int k = 0; k < Width; ++k) {
        const ChannelTerms& t = terms[k];
        const float centred = t.centred(to_float(rows.at[r].at[k]));
        const float g = gate(to_float(upstream.at[r].at[k]), t.normalised(centred));
        result.at[k] =
            normalised_gradient(g, centred * t.inv_std, t.scale, t.gain, mean_g.at[k], mean_gx.at[k]);
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

/// First pass: sums of g = gate(dy, t) and of g * x_hat.
template <class Element, class Gate>
struct GradientSums {
  const Element* dy;
  const Element* x;
  TermPointers pointers;
  std::int64_t channels;
  Gate gate;
  static constexpr int kMaxWidth = 4;

  template <int Width>
  struct Columns {
    struct Row {
      Vector<Element, Width> dy, x;
    };

    __device__ Columns(const GradientSums& of, std::int64_t channel)
        : dy(of.dy + channel),
          x(of.x + channel),
          step(of.channels),
          gate(of.gate),
          terms(of.pointers, channel) {}

    __device__ Row load(std::int64_t row) const {
      return {cuda::load<Width>(dy + row * step), cuda::load<Width>(x + row * step)};
    }
    __device__ void add(std::int64_t, const Row& row, float (&sums)[2][Width]) const {
      for (int k = 0; k < Width; ++k) {
        const float centred = terms[k].centred(to_float(row.x.at[k]));
        const float g = gate(to_float(row.dy.at[k]), terms[k].normalised(centred));
        sums[0][k] += g;
        sums[1][k] += g * (centred * terms[k].inv_std);
      }
    }

    const Element *dy, *x;
    std::int64_t step;
    Gate gate;
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

/// Second pass of the backward.
template <class Element, class Number, class Gate>
void normalise_backward_apply(const Tensor& dy, const Number* x, const TermPointers& pointers,
                              const Tensor& means, Gate gate, Tensor& dx) {
  visit_width(dy.dim(-1), [&](auto width) {
    const ChannelGrid grid(dy, width);
    TERN_LAUNCH((normalise_gradient_kernel<width, Element, Number, Gate>), grid.shape(width), grid,
                dy.data<Element>(), x, pointers, means.data<float>(), gate, dx.data<Element>());
  });
}

/// Both passes: the whole backward of a batch norm whose output went through a gate.
template <class Gate>
void normalise_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                        const BatchStatistics& statistics, Gate gate, BatchNormGradients& gradients) {
  const std::int64_t channels = x.dim(-1), rows = x.numel() / channels;
  const TermPointers pointers(terms);
  Tensor means = Tensor::empty({2, channels}, DType::f32, x.device());
  const StoreSums store_sums(gradients, means, rows, statistics);
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    const Element *pdy = dy.data<Element>(), *px = x.data<Element>();
    reduce_channels<2>(rows, channels, x.device(),
                       GradientSums<Element, Gate>{pdy, px, pointers, channels, gate}, store_sums);
    take_means_over_batch(statistics, gradients, means);
    normalise_backward_apply<Element>(dy, px, pointers, means, gate, gradients.dx);
  });
}

}  // namespace tern::kernels::cuda
