// What becomes of the sums of a tile: they are stored, and added up per channel for the batch norm.
#pragma once

#include "kernels/cuda/implicit_gemm_gather.cuh"
#include "kernels/cuda/implicit_gemm_product.cuh"

namespace tern::kernels::cuda {

constexpr int kLaneRows = 2 * WarpProduct::kRowFragments;  // 8 apart, the first is lane / 4
constexpr int kLaneChannels = 8;  // neighbours (filter_of_column), the first is 8 * (lane % 4)

/// A lane's sum of its row `row` and its channel `channel`.
__device__ __forceinline__ int lane_sum(const WarpProduct& product, int row, int channel) {
  return product.sums[row / 2][channel / 2][row % 2 * 2 + channel % 2];
}

template <class Z>
struct alignas(16) LaneChannels {
  Z values[kLaneChannels];
};

/// Stores the part of z (pixels, filters) of this warp: `pixel` and `filter` are its first.
template <class Z>
__device__ void store_sums(const WarpProduct& product, const ConvolutionShape& shape, int pixel, int filter,
                           Z* z) {
  filter += lane_index() % 4 * kLaneChannels;
  const bool whole = shape.filters % kLaneChannels == 0;  // then all 8 are there or none, and aligned
  TERN_UNROLL
  for (int r = 0; r < kLaneRows; ++r) {
    const int row = pixel + 8 * r + lane_index() / 4;
    if (row >= shape.pixels || filter >= shape.filters) continue;
    LaneChannels<Z> lane;
    TERN_UNROLL
    for (int c = 0; c < kLaneChannels; ++c) lane.values[c] = static_cast<Z>(lane_sum(product, r, c));
    Z* to = z + static_cast<std::int64_t>(row) * shape.filters + filter;
    if (whole) {
      *reinterpret_cast<LaneChannels<Z>*>(to) = lane;
    } else {
      TERN_UNROLL
      for (int c = 0; c < kLaneChannels; ++c) {
        if (filter + c < shape.filters) to[c] = lane.values[c];
      }
    }
  }
}

/// Adds the sum and the sum of squares over the tile's pixels to sums (2, filters): exact, hence independent
/// of the order of the blocks. Rows beyond the last pixel are zeros and add nothing. `shared` has room for
/// 4 * kColumns integers.
template <class Tile>
__device__ void add_channel_sums(const WarpProduct& product, const ConvolutionShape& shape, int first_filter,
                                 std::uint64_t* shared, std::uint64_t* sums) {
  // shared[quantity][warp of rows][filter of the tile], each written once.
  const int lane = lane_index(), column = Tile::warp_column() + lane % 4 * kLaneChannels;
  const int part = Tile::warp_row() / Tile::kWarpRows;
  TERN_UNROLL
  for (int c = 0; c < kLaneChannels; ++c) {
    std::uint64_t sum = 0, square = 0;
    TERN_UNROLL
    for (int r = 0; r < kLaneRows; ++r) {
      const std::int64_t value = lane_sum(product, r, c);
      sum += static_cast<std::uint64_t>(value);
      square += static_cast<std::uint64_t>(value * value);
    }
    // Lanes of the same channels are 4 apart.
    for (int mask = 4; mask < kWarpSize; mask *= 2) {
      sum += shuffle_xor(sum, mask);
      square += shuffle_xor(square, mask);
    }
    if (lane < 4) {
      shared[part * Tile::kColumns + column + c] = sum;
      shared[(Tile::kRowWarps + part) * Tile::kColumns + column + c] = square;
    }
  }
  sync_block();
  for (int i = static_cast<int>(threadIdx.x); i < 2 * Tile::kColumns; i += Tile::kThreads) {
    const int quantity = i / Tile::kColumns, filter = first_filter + i % Tile::kColumns;
    if (filter >= shape.filters) continue;
    std::uint64_t total = 0;
    for (int p = 0; p < Tile::kRowWarps; ++p) {
      total += shared[(quantity * Tile::kRowWarps + p) * Tile::kColumns + i % Tile::kColumns];
    }
    atomic_add(sums + static_cast<std::int64_t>(quantity) * shape.filters + filter, total);
  }
}

}  // namespace tern::kernels::cuda
