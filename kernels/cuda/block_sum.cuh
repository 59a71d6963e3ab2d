// The sum over a block of threads, in an order that is always the same.
#pragma once

#include "tern/kernels/cuda/device.cuh"

namespace tern::kernels::cuda {

/// The sum of `value` over all threads of a block of whole warps, in every thread.
template <class T>
__device__ T block_sum(T value) {
  TERN_SHARED(T, of_warp, kWarpSize);  // a block has at most 32 warps
  value = warp_sum(value);
  if (lane_index() == 0) of_warp[warp_index()] = value;
  sync_block();
  T total = of_warp[0];
  for (int warp = 1; warp < static_cast<int>(blockDim.x) / kWarpSize; ++warp) total += of_warp[warp];
  sync_block();  // before the next call writes
  return total;
}

}  // namespace tern::kernels::cuda
