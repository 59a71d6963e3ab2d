// Sums per channel of the integers that a ternary convolution gives, and the statistics of the batch norm
// behind it.
#pragma once

#include "tern/kernels/batch_norm.h"

namespace tern::kernels {

/// i64 (2, C): the sum and the sum of squares over the rows of x (..., C), i16 or i32. Exact: R * max(x^2)
/// must stay below 2^63.
Tensor channel_sums(const Tensor& x);

/// The channel_statistics of `rows` >= 1 rows with these sums.
ChannelStatistics statistics_of_sums(const Tensor& sums, std::int64_t rows);

namespace cpu {
void channel_sums(const Tensor& x, Tensor& sums);
void statistics_of_sums(const Tensor& sums, std::int64_t rows, Tensor& mean, Tensor& variance);
}  // namespace cpu

namespace cuda {
void channel_sums(const Tensor& x, Tensor& sums);
void statistics_of_sums(const Tensor& sums, std::int64_t rows, Tensor& mean, Tensor& variance);
}  // namespace cuda

}  // namespace tern::kernels
