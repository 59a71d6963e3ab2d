// Latent weights of binary branches that a step has moved out of [-1, 1].
#pragma once

#include "tern/kernels/common/latent_gradient.h"
#include "tern/kernels/cuda/vector.cuh"

namespace tern::kernels::cuda {

/// Clamps the weights; true if that changed one (or one is NaN). Few are, and what is not need not be stored.
template <int Width>
__device__ __forceinline__ bool clamp_latents(Vector<float, Width>& weights) {
  bool changed = false;
  for (int k = 0; k < Width; ++k) {
    const float clamped = clamp_latent(weights.at[k]);
    changed |= clamped != weights.at[k];
    weights.at[k] = clamped;
  }
  return changed;
}

}  // namespace tern::kernels::cuda
