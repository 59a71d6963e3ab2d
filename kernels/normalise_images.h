// The bytes of a batch of images to what a network reads, on a GPU: a batch travels there in a quarter of its
// size. With the augmentations of normalised values, each of which changes all images of a batch alike or
// hides parts of one. data/ does the same on the CPU, with the same bits.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// How image n of a batch and the one before it (before the first comes the last), x and x', are mixed:
/// share * x + (1 - share) * x', and x' alone within a rectangle of pixels.
struct PairMix {
  float share = 1.0F;  ///< With 1, x itself.
  std::int64_t top = 0, left = 0, height = 0, width = 0;
};

/// images (N, H, W, C) u8 -> (N, H, W, C): values[c][byte], 0 in the erased parts of an image, then mixed.
/// As f32, or rounded to bf16 to the bits that cast() makes of that.
///
/// values (C, 256) f32; erased (N, K, 4) i32, the top, left, height and width of parts that lie within the
/// image, or undefined: no parts. Throws ShapeError, and DeviceError for tensors on a CPU.
Tensor normalise_images(const Tensor& images, const Tensor& values, const Tensor& erased, const PairMix& mix,
                        DType dtype);

namespace cuda {
void normalise_images(const Tensor& images, const Tensor& values, const Tensor& erased, const PairMix& mix,
                      Tensor& y);
}  // namespace cuda

}  // namespace tern::kernels
