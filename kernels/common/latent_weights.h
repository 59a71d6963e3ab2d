// What the operators share that make ternary weights of latent ones, or gradients for these.
#pragma once

#include <span>

#include "tern/kernels/common/check.h"
#include "tern/kernels/ternary_weights.h"

namespace tern::kernels {

/// Throws ShapeError if two of the branches w1, w2, ... are the same memory.
inline void check_distinct(const char* op, std::span<const Tensor> w) {
  for (std::size_t b = 1; b < w.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      require<ShapeError>(!w[a].shares_storage_with(w[b]), "{}: w{} and w{} are the same tensor", op, a + 1,
                          b + 1);
    }
  }
}

/// Throws ShapeError unless the latent weights w1, w2, ... are filters of one shape and different tensors.
inline void check_branches(const char* op, std::span<const Tensor> w) {
  check_filters(op, "w1", w[0]);
  for (std::size_t b = 1; b < w.size(); ++b) {
    check_same(op, "w1", w[0], fmt::format("w{}", b + 1).c_str(), w[b]);
  }
  check_distinct(op, w);
}

/// Throws ShapeError unless `dt` is f32 filters, all branches are like it, and `scale` has a value for each
/// filter.
inline void check_branch_gradient(const char* op, const Tensor& dt, std::span<const Tensor> w,
                                  const Tensor& scale) {
  check_filters(op, "dt", dt);
  for (std::size_t b = 0; b < w.size(); ++b) {
    check_same(op, fmt::format("w{}", b + 1).c_str(), w[b], "dt", dt);
  }
  check_per_channel(op, "scale", scale, dt.dim(0));
}

/// Room for the ternary weights of latent ones, on their device.
inline TernaryWeights empty_weights_of(const Tensor& latent) {
  return {Tensor::empty(latent.shape(), DType::i8, latent.device()),
          Tensor::empty({latent.dim(0)}, DType::f32, latent.device())};
}

}  // namespace tern::kernels
