// One warp's 64 x 32 part of the product, in tensor-core fragments.
#pragma once

#include "tern/kernels/cuda/implicit_gemm_tile.cuh"
#include "tern/kernels/cuda/ptx.cuh"

namespace tern::kernels::cuda {

/// sums[i][j] is the fragment of rows 16i.. and columns 8j..; its layout stands at mma_m16n8k32_s8.
struct WarpProduct {
  static constexpr int kRowFragments = 4;
  static constexpr int kColumnFragments = 4;

  int sums[kRowFragments][kColumnFragments][4] = {};

  /// Adds the product of one step: 64 bytes of the inner dimension, two tensor-core products deep. `row` and
  /// `column` are this warp's first in the tiles `rows` and `columns`.
  __device__ void add_step(const unsigned char* rows, int row, const unsigned char* columns, int column) {
    TERN_UNROLL
    for (int chunk = 0; chunk < kStepChunks; chunk += 2) {
      unsigned b[kColumnFragments][2];
      load_columns(b, columns, column, chunk);
      TERN_UNROLL
      for (int i = 0; i < kRowFragments; ++i) {
        unsigned a[4];
        // The four matrices: rows 0-7 and 8-15 of the first chunk, then of the second.
        ldmatrix_x4(
            a, rows + (row + 16 * i) * kStepBytes + swizzled(lane_index() % 16, chunk + lane_index() / 16));
        TERN_UNROLL
        for (int j = 0; j < kColumnFragments; ++j) mma_m16n8k32_s8(sums[i][j], a, b[j]);
      }
    }
  }

 private:
  __device__ static void load_columns(unsigned (&b)[kColumnFragments][2], const unsigned char* columns,
                                      int column, int chunk) {
    const int lane = lane_index();
    TERN_UNROLL
    for (int j = 0; j < kColumnFragments; j += 2) {
      unsigned pair[4];
      // The four matrices: both chunks of columns 0-7, then of columns 8-15.
      ldmatrix_x4(pair, columns + (column + 8 * j) * kStepBytes +
                            swizzled(lane / 16 * 8 + lane % 8, chunk + lane / 8 % 2));
      b[j][0] = pair[0];
      b[j][1] = pair[1];
      b[j + 1][0] = pair[2];
      b[j + 1][1] = pair[3];
    }
  }
};

}  // namespace tern::kernels::cuda
