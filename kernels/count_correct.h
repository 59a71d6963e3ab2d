// Top-k accuracy.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// Number of samples whose label is among the k largest logits. Of equal logits the lower class comes first.
/// A NaN counts as larger than the label's logit, and a NaN label logit as smaller than all.
/// logits: f32 (N, K), N, K >= 1. labels: i64 (N,) in [0, K), else DataError. k >= 1; with k >= K every
/// sample counts.
std::int64_t count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k);

namespace cpu {
std::int64_t count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k);
}  // namespace cpu

namespace cuda {
std::int64_t count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k);
}  // namespace cuda

}  // namespace tern::kernels
