// Augmentations that mix the images of a batch in pairs, and with them what is to be learned from each.
#pragma once

#include "tern/core/random.h"
#include "tern/core/tensor.h"
#include "tern/data/image.h"

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

/// What all images of a batch are mixed by. Image n and the one before it (before the first comes the last),
/// x and x', become
///
///   mixup:  share * x + (1 - share) * x' (Zhang et al., ICLR 2018)
///   cutmix: x, with x' in the rectangle `part`, which covers 1 - share of it (Yun et al., ICCV 2019)
struct Mix {
  bool cuts = false;
  float share = 1.0F;  // of the images' own pixels
  Rectangle part;
};

/// `config` mixes. The rectangle of cutmix is clipped at the border, and the share what is left.
Mix draw_mix(const MixingConfig& config, ImageExtents image, Random& random);

/// Mixes images (N, H, W, C) f32, on the CPU, in place. (kernels/normalise_images.h does it on a GPU.)
void mix_images(const Mix& mix, Tensor& images);

/// `labels` (N) i64 become those of which the mixed images show most, at least half, and `partner_labels` the
/// others. Returns the share of `labels`.
float mix_labels(const Mix& mix, Tensor& labels, Tensor& partner_labels);

/// A number of the distribution Beta(alpha, alpha), alpha > 0. Draws about 4^alpha pairs of numbers.
double symmetric_beta(double alpha, Random& random);

}  // namespace tern
