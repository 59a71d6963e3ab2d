// Batch normalisation over the last dimension (Ioffe and Szegedy, 2015), as torch.nn.BatchNorm2d on NHWC.
//
// x (..., C), f32 or bf16, with R = numel / C rows. Per channel: y = (x - mean) * (gamma * inv_std) + beta,
// y, dy and dx have the dtype of x; per-channel values are f32.
#pragma once

#include <functional>
#include <utility>

#include "tern/core/tensor.h"

namespace tern::kernels {

/// Mean and biased variance per channel, (C) f32 each, of x (..., C) f32, bf16, i16 or i32. Floats are
/// accumulated in double, independent of the number of threads. Integers give exact sums (in 64 bits: R *
/// max(x^2) must stay below 2^63), from which moments.h gives the same bits on every device. Throws
/// ShapeError if x has no rows.
struct ChannelStatistics {
  Tensor mean;
  Tensor variance;
};
ChannelStatistics channel_statistics(const Tensor& x);

/// The per-channel terms of a normalisation, (C) f32 each.
struct BatchNormTerms {
  Tensor mean;
  Tensor inv_std;  // 1 / sqrt(variance + eps)
  Tensor gamma;
  Tensor beta;
};

/// The normalised x. Throws NumericError naming `layer` if a result is NaN or infinite (finite_check.h says
/// when).
Tensor batch_norm(const Tensor& x, const BatchNormTerms& terms, const std::string& layer);

/// What mean and inv_std are to a backward: constants (false), functions of x (true), or functions of a
/// larger batch that x is a part of.
struct BatchStatistics {
  /// The means over that batch, (2, C) f32 on the device of x, of g and of g * x_hat, given dbeta and dgamma
  /// of this part. Called between the two passes of a backward.
  using Means = std::function<Tensor(const Tensor& dbeta, const Tensor& dgamma)>;

  BatchStatistics(bool of_x) : of_batch(of_x) {}  // implicit: most batches are whole
  explicit BatchStatistics(Means means) : of_batch(true), means_over_batch(std::move(means)) {}

  bool of_batch;
  Means means_over_batch;  // empty: x is the whole batch
};

struct BatchNormGradients {
  Tensor dx;
  Tensor dgamma;
  Tensor dbeta;
};

/// Gradients for dy; dgamma and dbeta are those of x alone. `addend`, as x, or undefined: what has arrived at
/// x by another way; dx is the sum of both, equal to the bit to add() of them.
BatchNormGradients batch_norm_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                       const BatchStatistics& statistics, const Tensor& addend = {});

namespace cpu {
/// f32 and bf16; the statistics of integers come from channel_sums.h.
void channel_statistics(const Tensor& x, Tensor& mean, Tensor& variance);
void batch_norm(const Tensor& x, const BatchNormTerms& terms, Tensor& y, std::int32_t* non_finite);
void batch_norm_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                         const BatchStatistics& statistics, const Tensor& addend,
                         BatchNormGradients& gradients);
}  // namespace cpu

namespace cuda {
void channel_statistics(const Tensor& x, Tensor& mean, Tensor& variance);
void batch_norm(const Tensor& x, const BatchNormTerms& terms, Tensor& y, std::int32_t* non_finite);
void batch_norm_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                         const BatchStatistics& statistics, const Tensor& addend,
                         BatchNormGradients& gradients);
}  // namespace cuda

}  // namespace tern::kernels
