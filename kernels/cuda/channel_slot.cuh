// Passes over a (rows, channels) tensor in which a thread keeps its channels: their parameters are loaded
// once and stay in registers, while neighbouring threads read neighbouring elements.
//
// A thread owns Width neighbouring channels (4 where their number allows 16-byte loads, else 1) of every
// row_step-th row:
//
//   template <int Width>
//   __global__ void kernel(ChannelGrid grid, ...) {
//     const ChannelSlot<Width> slot(grid);
//     for (int step = 0; step < slot.steps; step += kRowsInFlight) {
//       const auto rows = slot.load(x, step);   // all of them before the first is used
//       for (int r = 0; r < kRowsInFlight; ++r) {
//         if (slot.owns(step + r)) ... rows.at[r] ...
//
// All threads of a block take the same number of steps, so that they may meet at warp operations. A block is
// a power of two of threads wide and no narrower than 32 channels: the 32 channels of half a word of packed
// ternary values belong to one warp.
#pragma once

#include <algorithm>

#include "tern/core/tensor.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/vector.cuh"

namespace tern::kernels::cuda {

/// What a thread loads before it uses the first of it: a memory that takes hundreds of clocks to answer is
/// busy only if it has been asked for much.
constexpr int kRowsInFlight = 4;

/// Width neighbouring channels of kRowsInFlight rows.
template <class T, int Width>
struct Rows {
  Vector<T, Width> at[kRowsInFlight];
};

struct ChannelGrid {
  ChannelGrid(const Tensor& x, int width)
      : rows(x.numel() / x.dim(-1)), channels(x.dim(-1)), lanes(kWarpSize / width) {
    while (lanes < kMaxLanes && lanes * width < channels) lanes *= 2;
  }

  /// What to launch: a thread takes about kRowsPerThread rows.
  LaunchShape shape(int width) const {
    const unsigned y = blocks_for(rows, kBlock / lanes * kRowsPerThread);
    return {dim3(blocks_for(channels, lanes * width), std::min(y, kMaxGridY)), dim3(kBlock)};
  }

  static constexpr int kBlock = 256, kMaxLanes = 64, kRowsPerThread = 8;
  static constexpr unsigned kMaxGridY = 65535;

  std::int64_t rows, channels;
  int lanes;  // threads across a row of the block
};

template <int Width>
class ChannelSlot {
 public:
  __device__ explicit ChannelSlot(const ChannelGrid& grid)
      : channel((static_cast<std::int64_t>(blockIdx.x) * grid.lanes + threadIdx.x % grid.lanes) * Width),
        rows_(grid.rows),
        channels_(grid.channels),
        step_rows_(static_cast<std::int64_t>(gridDim.y) * (blockDim.x / grid.lanes)) {
    const std::int64_t first = static_cast<std::int64_t>(blockIdx.y) * (blockDim.x / grid.lanes);
    first_row_ = first + threadIdx.x / grid.lanes;
    steps = first < rows_ ? static_cast<int>((rows_ - first + step_rows_ - 1) / step_rows_) : 0;
  }

  __device__ bool has_channel() const { return channel < channels_; }
  __device__ std::int64_t row(int step) const { return first_row_ + step * step_rows_; }
  __device__ bool owns(int step) const { return has_channel() && row(step) < rows_; }
  /// Index of the first element of this step.
  __device__ std::int64_t element(int step) const { return row(step) * channels_ + channel; }
  /// Those of the steps from `step` on that the thread owns.
  template <class T>
  __device__ Rows<T, Width> load(const T* x, int step) const {
    Rows<T, Width> rows;
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (owns(step + r)) rows.at[r] = cuda::load<Width>(x + element(step + r));
    }
    return rows;
  }

  std::int64_t channel;  // the first
  int steps;

 private:
  std::int64_t rows_, channels_, step_rows_, first_row_;
};

}  // namespace tern::kernels::cuda
