// Sums over the rows of (rows, channels) data, K quantities per channel: statistics of a batch norm,
// gradients of biases and slopes.
//
// Blocks sum chunks of rows, then one block per channel sums the chunks. There are no atomics and the
// partition depends on the sizes alone, so the result is the same to the bit every time.
#pragma once

#include <algorithm>

#include "tern/core/tensor.h"
#include "tern/kernels/cuda/block_sum.cuh"
#include "tern/kernels/cuda/channel_slot.cuh"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"

namespace tern::kernels::cuda {

constexpr int kReduceThreads = 256;
/// Rows that a thread sums as Lane before it goes on as Total.
constexpr int kReduceRun = 16;
static_assert(kReduceRun % kRowsInFlight == 0);

/// How a grid covers (rows, channels). The threads of a block take `lanes` times Width neighbouring channels
/// of `height` rows at a time, so that neighbouring threads load neighbouring elements, be there 3 channels
/// or 300.
struct ReducePartition {
  std::int64_t rows;
  std::int64_t channels;
  int lanes;
  int height;
  int tiles;   ///< Of channels; grid.y.
  int chunks;  ///< Of rows; grid.x.

  ReducePartition(std::int64_t row_count, std::int64_t channel_count, int width)
      : rows(row_count),
        channels(channel_count),
        lanes(static_cast<int>(std::min<std::int64_t>(channels / width, kMaxLanes))),
        height(kReduceThreads / lanes),
        tiles(static_cast<int>((channels / width + lanes - 1) / lanes)),
        chunks(static_cast<int>(
            std::clamp<std::int64_t>(rows / (height * kReduceRun), 1, std::max(1, kMaxBlocks / tiles)))) {}

 private:
  static constexpr std::int64_t kMaxLanes = 64;
  static constexpr int kMaxBlocks =
      528;  // four on each of the 132 multiprocessors of an H100: no half empty wave
};

/// Sums the chunk blockIdx.x of rows of the tile blockIdx.y of channels: partial (K, channels, chunks).
template <int K, int Width, class Lane, class Total, class Body>
__global__ void __launch_bounds__(kReduceThreads)
    reduce_rows_kernel(ReducePartition part, Body body, Total* partial) {
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t channel = (std::int64_t{blockIdx.y} * part.lanes + thread % part.lanes) * Width;
  const std::int64_t chunk = blockIdx.x;
  const std::int64_t last = part.rows * (chunk + 1) / part.chunks;
  Total totals[K][Width] = {};
  if (channel < part.channels && thread < part.lanes * part.height) {
    const typename Body::template Columns<Width> columns(body, channel);
    for (std::int64_t row = part.rows * chunk / part.chunks + thread / part.lanes; row < last;) {
      Lane sums[K][Width] = {};
      for (int run = 0; run < kReduceRun; run += kRowsInFlight) {
        if (row + (kRowsInFlight - 1) * part.height < last) {
          typename Body::template Columns<Width>::Row rows[kRowsInFlight];
          TERN_UNROLL
          for (int r = 0; r < kRowsInFlight; ++r) rows[r] = columns.load(row + r * part.height);
          TERN_UNROLL
          for (int r = 0; r < kRowsInFlight; ++r) columns.add(row + r * part.height, rows[r], sums);
          row += kRowsInFlight * part.height;
        } else {
          for (; row < last; row += part.height) columns.add(row, columns.load(row), sums);
        }
      }
      for (int k = 0; k < K; ++k) {
        for (int w = 0; w < Width; ++w) totals[k][w] += sums[k][w];
      }
    }
  }
  TERN_SHARED(Total, shared, K * Width * kReduceThreads);
  Total* mine = shared + thread;
  for (int k = 0; k < K * Width; ++k) mine[k * kReduceThreads] = totals[k / Width][k % Width];
  for (int rows = part.height; rows > 1; rows = (rows + 1) / 2) {  // the lower half is added to the upper one
    const int half = (rows + 1) / 2;
    sync_block();
    if (thread / part.lanes + half >= rows) continue;
    for (int k = 0; k < K * Width; ++k)
      mine[k * kReduceThreads] += mine[k * kReduceThreads + half * part.lanes];
  }
  if (thread >= part.lanes || channel >= part.channels) return;
  for (int k = 0; k < K * Width; ++k) {
    partial[(k / Width * part.channels + channel + k % Width) * part.chunks + chunk] =
        mine[k * kReduceThreads];
  }
}

/// Sums the chunks of channel blockIdx.x.
template <int K, class Total, class Finish>
__global__ void __launch_bounds__(kReduceThreads)
    reduce_chunks_kernel(std::int64_t channels, int chunks, const Total* partial, Finish finish) {
  const std::int64_t channel = blockIdx.x;
  Total totals[K] = {};
  for (int chunk = static_cast<int>(threadIdx.x); chunk < chunks; chunk += static_cast<int>(blockDim.x)) {
    for (int k = 0; k < K; ++k) totals[k] += partial[(k * channels + channel) * chunks + chunk];
  }
  for (int k = 0; k < K; ++k) totals[k] = block_sum(totals[k]);
  if (threadIdx.x == 0) finish(channel, totals);
}

/// A body (see reduce_channels) of a function object f(row, channel, Lane (&sums)[K]) whose call is marked
/// __device__, one channel a thread.
template <class F>
struct EachElement {
  F f;
  static constexpr int kMaxWidth = 1;

  template <int Width>
  struct Columns {
    struct Row {};

    __device__ Columns(const EachElement& of, std::int64_t channel_) : f(of.f), channel(channel_) {}

    __device__ Row load(std::int64_t) const { return {}; }
    template <int K, class Lane>
    __device__ void add(std::int64_t row, const Row&, Lane (&sums)[K][1]) const {
      Lane lanes[K] = {};
      f(row, channel, lanes);
      for (int k = 0; k < K; ++k) sums[k][0] += lanes[k];
    }

    F f;
    std::int64_t channel;
  };
};
template <class F>
EachElement<F> each_element(F f) {
  return {f};
}

/// For each channel, sums K quantities over the rows as `Lane`s, and calls finish(channel, totals), marked
/// __device__, with `Total totals[K]` once. What a thread does with Width channels of its rows is
///
///   Body::Columns<Width>(body, channel)   what it keeps of them;
///     Row load(row)                       what it needs of a row: called for several rows before
///     add(row, loaded, sums)              adds to `Lane sums[K][Width]`; it may write results of its own.
///
/// each_element(f) makes it of a function of single elements. Each row and channel is visited once.
///
/// Floats are f32 for runs of 16 rows and double from there on: doubles throughout would cost more than the
/// memory traffic on GPUs that have one unit for doubles per 64 for floats. With Lane = Total = std::int64_t
/// sums are exact.
template <int K, class Lane = float, class Total = double, class Body, class Finish>
void reduce_channels(std::int64_t rows, std::int64_t channels, Device device, Body body, Finish finish) {
  if (channels == 0) return;
  // Totals have no dtype of their own; both kinds have the size of i64.
  static_assert(sizeof(Total) == sizeof(std::int64_t), "a Total of another size");
  const auto reduce = [&](auto width) {
    const ReducePartition part(rows, channels, width);
    Tensor scratch = Tensor::empty({K, channels, part.chunks}, DType::i64, device);
    Total* partial = static_cast<Total*>(scratch.raw());
    TERN_LAUNCH((reduce_rows_kernel<K, width, Lane, Total, Body>),
                {dim3(part.chunks, part.tiles), dim3(kReduceThreads)}, part, body, partial);
    const unsigned warps = std::min(blocks_for(part.chunks, kWarpSize), unsigned{kReduceThreads} / kWarpSize);
    TERN_LAUNCH((reduce_chunks_kernel<K, Total, Finish>),
                {dim3(static_cast<unsigned>(channels)), dim3(warps * kWarpSize)}, channels, part.chunks,
                partial, finish);
  };
  if constexpr (Body::kMaxWidth == 1) {
    reduce(std::integral_constant<int, 1>());
  } else {
    visit_width(channels, reduce);
  }
}

}  // namespace tern::kernels::cuda
