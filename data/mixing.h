// Augmentations that mix the images of a batch in pairs, and with them what is to be learned from each.
#pragma once

#include "tern/core/random.h"
#include "tern/core/tensor.h"

namespace tern {

/// Parameters alpha, up to 8, of the distribution Beta(alpha, alpha) of the share that an image keeps of
/// itself; 0: not used. Where both are above 0, each batch takes one of them by chance.
struct MixingConfig {
  float mixup = 0.0F;
  float cutmix = 0.0F;

  bool mixes() const { return mixup > 0.0F || cutmix > 0.0F; }
};

/// Throws ConfigError for values out of range.
void check_mixing(const MixingConfig& config);

/// Images and labels of a batch, mixed in place. Image n and the one before it (before the first comes the
/// last), x and x', become
///
///   mixup:  share * x + (1 - share) * x' (Zhang et al., ICLR 2018)
///   cutmix: x, with x' in a rectangle that covers 1 - share of it, or less at the border, which then gives
///           the share (Yun et al., ICCV 2019)
///
/// with one share for the whole batch. `labels` become those of which the images show most, at least half,
/// and `partner_labels` the others. Returns the share of `labels`. `config` mixes; images (N, H, W, C) f32,
/// labels (N) i64.
float mix_batch(const MixingConfig& config, Random& random, Tensor& images, Tensor& labels,
                Tensor& partner_labels);

/// A number of the distribution Beta(alpha, alpha), alpha > 0. Draws about 4^alpha pairs of numbers.
double symmetric_beta(double alpha, Random& random);

}  // namespace tern
