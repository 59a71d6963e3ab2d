// The tile of a matrix product of bytes that one block computes, and how it lies in shared memory.
//
// A block multiplies 128 rows of A by kColumns columns of B, both stored with the inner dimension contiguous,
// in steps of 64 bytes of it. kStages steps are in shared memory at once: one in use, the others on their way
// from global memory. Three of them are 48 KB for the larger tile, what every architecture gives a block
// without asking, and leave room for a second block on each multiprocessor.
#pragma once

#include "tern/kernels/cuda/device.cuh"

namespace tern::kernels::cuda {

constexpr int kChunkBytes = 16;  // one asynchronous copy, one row of an ldmatrix matrix
constexpr int kStepChunks = 4;   // chunks of a row per step
constexpr int kStepBytes = kStepChunks * kChunkBytes;
constexpr int kStages = 3;

/// Blocks that should fit a multiprocessor at once, which bounds the registers of a thread. On sm_75, where
/// the copies pass through registers too, shared memory has room for one alone.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
constexpr int kResidentBlocks = 1;
#else
constexpr int kResidentBlocks = 2;
#endif

template <int Columns>
struct GemmTile {
  static constexpr int kRows = 128;
  static constexpr int kColumns = Columns;
  static constexpr int kWarpRows = 64;  // one warp's part of the tile
  static constexpr int kWarpColumns = 32;
  static constexpr int kRowWarps = kRows / kWarpRows;
  static constexpr int kThreads = kRowWarps * (kColumns / kWarpColumns) * kWarpSize;
  static constexpr int kStageBytes = (kRows + kColumns) * kStepBytes;  // the rows of A, then the columns of B
  static constexpr int kSharedBytes = kStages * kStageBytes;

  /// Rows of this warp start here, columns there; row warps are next to each other.
  __device__ static int warp_row() { return warp_index() % kRowWarps * kWarpRows; }
  __device__ static int warp_column() { return warp_index() / kRowWarps * kWarpColumns; }
};

/// Byte offset of a chunk in a matrix of 64-byte rows. Two rows are as wide as all banks of shared memory, so
/// the same chunk of eight rows below each other would come from two groups of banks; exchanging the chunks
/// within each row by row / 2 spreads them over all eight, and neither ldmatrix nor the copies meet a bank
/// twice. The pattern repeats every 8 rows: swizzled(8 * n + row, chunk) = 8 * n * kStepBytes + swizzled(row,
/// chunk), and written that way the second term is computed once.
__device__ __forceinline__ int swizzled(int row, int chunk) {
  return row * kStepBytes + (chunk ^ (row / 2 % kStepChunks)) * kChunkBytes;
}

/// Which copies a thread makes: the same chunk of every step, of each kRowStride-th row of a tile of `Rows`
/// rows.
template <class Tile, int Rows>
struct CopyPlan {
  static constexpr int kRowStride = Tile::kThreads / kStepChunks;
  static constexpr int kCount = Rows / kRowStride;

  __device__ static int first_row() { return static_cast<int>(threadIdx.x / kStepChunks); }
  __device__ static int chunk() { return static_cast<int>(threadIdx.x % kStepChunks); }
  /// Byte offset in the tile of the i-th of them.
  __device__ static int target(int i) { return i * kRowStride * kStepBytes + swizzled(first_row(), chunk()); }
};

/// Counts the stages round and round, as byte offsets.
template <class Tile>
__device__ __forceinline__ void advance_stage(int& offset) {
  offset = offset == (kStages - 1) * Tile::kStageBytes ? 0 : offset + Tile::kStageBytes;
}

}  // namespace tern::kernels::cuda
