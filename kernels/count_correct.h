// Top-k accuracy.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// Number of samples whose label is among the k largest logits. Of equal logits the lower class comes first.
/// A NaN counts as larger than the label's logit, and a NaN label logit as smaller than all.
/// logits: f32 (N, K), N, K >= 1. labels: i64 (N,). k >= 1; with k >= K every sample counts. A label outside
/// [0, K) is a DataError on the CPU; on a GPU, where finding it would be a wait, its sample is not correct.
std::int64_t count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k);

/// The same as an i32 tensor of one element on the device of the logits; the host does not wait for it.
Tensor count_correct_on_device(const Tensor& logits, const Tensor& labels, std::int64_t k);

namespace cpu {
void count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k, Tensor& count);
}  // namespace cpu

namespace cuda {
void count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k, Tensor& count);
}  // namespace cuda

}  // namespace tern::kernels
