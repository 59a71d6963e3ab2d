// Bits of neighbouring elements, gathered from the lanes of a warp.
#pragma once

#include "tern/kernels/cuda/device.cuh"

namespace tern::kernels::cuda {

/// Each lane holds one bit for each of its Width neighbouring elements, its first element lowest. The 32 /
/// Width lanes of a group all get the 32 bits of the group, its first lane's lowest.
template <int Width>
__device__ __forceinline__ unsigned gather_bits(unsigned bits) {
  if constexpr (Width == 1) return ballot(bits != 0);
  constexpr int kGroup = kWarpSize / Width;
  bits <<= Width * (lane_index() % kGroup);
  for (int mask = kGroup / 2; mask > 0; mask /= 2) bits |= shuffle_xor(bits, mask);
  return bits;
}

/// True in the first lane of each group.
template <int Width>
__device__ __forceinline__ bool leads_group() {
  return lane_index() % (kWarpSize / Width) == 0;
}

}  // namespace tern::kernels::cuda
