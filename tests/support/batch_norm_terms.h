// What the tests of batch norm and of its fused relatives share.
#pragma once

#include "tern/kernels/batch_norm.h"
#include "tests/reference/batch_norm.h"

namespace tern::test {

/// Terms of every sign: mean and beta in [-0.5, 0.5), inv_std in [0.5, 2), gamma in [-1.5, 1.5).
kernels::BatchNormTerms random_terms(std::int64_t channels, std::uint32_t seed);

/// The terms on another device.
kernels::BatchNormTerms to(const kernels::BatchNormTerms& terms, Device device);

reference::Normalisation in_double(const kernels::BatchNormTerms& terms);

/// How far a backward pass in f32 may be from reference::batch_norm_backward with the same terms.
reference::Gradients batch_norm_backward_tolerance(const Tensor& dy, const Tensor& x,
                                                   const kernels::BatchNormTerms& terms,
                                                   bool batch_statistics);

}  // namespace tern::test
