// Whitening of image patches, for the frozen first layer of networks of small images (Page, "How to Train
// Your ResNet 8: Bag of Tricks", 2019; Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024,
// section 3.1).
#pragma once

#include <cstdint>
#include <vector>

#include "tern/core/tensor.h"

namespace tern {

/// Mean and covariance of all patches of some images.
class PatchStatistics {
 public:
  /// Patches of `size` x `size` pixels.
  PatchStatistics(std::int64_t size, std::int64_t channels);

  /// images (N, H, W, channels), f32, on the CPU. Throws ShapeError for others.
  void add(const Tensor& images);

  std::int64_t count() const { return count_; }
  std::int64_t size() const { return size_; }
  std::int64_t channels() const { return channels_; }
  /// (values of a patch) in the order row, column, channel.
  std::vector<double> mean() const;
  /// Symmetric, row by row. Throws DataError without a patch.
  std::vector<double> covariance() const;

 private:
  std::int64_t size_, channels_, values_;
  std::int64_t count_ = 0;
  std::vector<double> sums_, products_;  // of the values, of each with those from it on
};

/// An affine map of patches: filters * patch + bias.
struct PatchMap {
  Tensor filters;  ///< (2 K, size, size, channels), K = size * size * channels.
  Tensor bias;     ///< (2 K)
};

/// With the eigenvectors v_k of the covariance and its eigenvalues l_k, the largest first, filter k is
/// v_k / sqrt(l_k + 5e-4): its outputs are uncorrelated, of mean 0 (by the bias) and variance nearly 1.
/// Filter K + k is its negative, so that a ReLU behind them loses nothing. The same statistics give the same
/// bits. Of each v_k the largest component is positive.
PatchMap whitening(const PatchStatistics& patches);

}  // namespace tern
