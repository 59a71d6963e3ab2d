// What becomes of the sums of a tile: they are stored, and added up per channel for the batch norm.
#pragma once

#include "tern/kernels/cuda/implicit_gemm_gather.cuh"
#include "tern/kernels/cuda/implicit_gemm_product.cuh"

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

/// What is stored of a sum: the integer itself,
template <class Z>
struct IntegerResult {
  using Element = Z;
  Z* values;  // (pixels, filters)

  __device__ Z operator()(int sum, int /*filter*/) const { return static_cast<Z>(sum); }
};

/// or the layer's output scale * z + bias, rounded as scale_channels does.
struct ScaledResult {
  using Element = float;
  float* values;
  const float *scale, *bias;  // (filters); bias may be null

  __device__ float operator()(int sum, int filter) const {
    const float scaled = static_cast<float>(sum) * scale[filter];
    return bias == nullptr ? scaled : scaled + bias[filter];
  }
};

/// Stores the part of the result (pixels, filters) of this warp: `pixel` and `filter` are its first.
template <class Result>
__device__ void store_sums(const WarpProduct& product, const ConvolutionShape& shape, int pixel, int filter,
                           const Result& result) {
  using Element = typename Result::Element;
  filter += lane_index() % 4 * kLaneChannels;
  const bool whole = shape.filters % kLaneChannels == 0;  // then all 8 are there or none, and aligned
  TERN_UNROLL
  for (int r = 0; r < kLaneRows; ++r) {
    const int row = pixel + 8 * r + lane_index() / 4;
    if (row >= shape.pixels || filter >= shape.filters) continue;
    LaneChannels<Element> lane;
    TERN_UNROLL
    for (int c = 0; c < kLaneChannels; ++c) {
      if (whole || filter + c < shape.filters) lane.values[c] = result(lane_sum(product, r, c), filter + c);
    }
    Element* to = result.values + static_cast<std::int64_t>(row) * shape.filters + filter;
    if (whole) {
      *reinterpret_cast<LaneChannels<Element>*>(to) = lane;
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
