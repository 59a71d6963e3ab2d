// Sums over the rows of (rows, channels) data, K quantities per channel: statistics of a batch norm,
// gradients of biases and slopes.
//
// Two launches of one kernel: blocks sum chunks of rows, then one block per tile of channels sums the chunks.
// There are no atomics and the partition depends on the sizes alone, so the result is the same to the bit
// every time.
#pragma once

#include <algorithm>

#include "tern/core/tensor.h"
#include "tern/kernels/cuda/device.cuh"
#include "tern/kernels/cuda/launch.cuh"

namespace tern::kernels::cuda {

constexpr int kReduceThreads = 256;
/// Rows that a thread sums as Lane before it goes on as Total.
constexpr int kReduceRun = 16;

/// How a grid covers (rows, channels). The threads of a block take `width` neighbouring channels of `height`
/// rows at a time, so that neighbouring threads load neighbouring elements, be there 3 channels or 300.
struct ReducePartition {
  std::int64_t rows;
  std::int64_t channels;
  int width;
  int height;
  int tiles;   ///< Of channels; grid.y.
  int chunks;  ///< Of rows; grid.x.

  ReducePartition(std::int64_t row_count, std::int64_t channel_count)
      : rows(row_count),
        channels(channel_count),
        width(static_cast<int>(std::min<std::int64_t>(channels, kMaxWidth))),
        height(kReduceThreads / width),
        tiles(static_cast<int>((channels + width - 1) / width)),
        chunks(static_cast<int>(
            std::clamp<std::int64_t>(rows / (height * kReduceRun), 1, std::max(1, kMaxBlocks / tiles)))) {}

 private:
  static constexpr std::int64_t kMaxWidth = 64;
  static constexpr int kMaxBlocks = 1024;  // about what the largest GPUs run at a time
};

/// Sums the chunk blockIdx.x of rows of the tile blockIdx.y of channels.
template <int K, class Lane, class Total, class Body, class Emit>
__global__ void __launch_bounds__(kReduceThreads)
    reduce_channels_kernel(ReducePartition part, Body body, Emit emit) {
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t channel = std::int64_t{blockIdx.y} * part.width + thread % part.width;
  const std::int64_t chunk = blockIdx.x;
  const std::int64_t last = part.rows * (chunk + 1) / part.chunks;
  Total totals[K] = {};
  if (channel < part.channels && thread < part.width * part.height) {
    for (std::int64_t row = part.rows * chunk / part.chunks + thread / part.width; row < last;) {
      Lane lanes[K] = {};
      for (int i = 0; i < kReduceRun && row < last; ++i, row += part.height) body(row, channel, lanes);
      for (int k = 0; k < K; ++k) totals[k] += lanes[k];
    }
  }
  TERN_SHARED(Total, shared, K * kReduceThreads);
  for (int k = 0; k < K; ++k) shared[k * kReduceThreads + thread] = totals[k];
  for (int rows = part.height; rows > 1; rows = (rows + 1) / 2) {  // the lower half is added to the upper one
    const int half = (rows + 1) / 2;
    sync_block();
    if (thread / part.width + half >= rows) continue;
    for (int k = 0; k < K; ++k) {
      shared[k * kReduceThreads + thread] += shared[k * kReduceThreads + thread + half * part.width];
    }
  }
  if (thread >= part.width || channel >= part.channels) return;
  for (int k = 0; k < K; ++k) totals[k] = shared[k * kReduceThreads + thread];
  emit(chunk, channel, totals);
}

/// For each channel, sums what body(row, channel, lanes) adds to the K elements of `Lane lanes[K]`, and calls
/// finish(channel, totals) with `Total totals[K]` once. Both run on `device` and are marked __device__; each
/// row and channel is visited once, so that the body may write results of its own.
///
/// Floats are f32 for runs of 16 rows and double from there on: doubles throughout would cost more than the
/// memory traffic on GPUs that have one unit for doubles per 64 for floats. With Lane = Total = std::int64_t
/// sums are exact.
template <int K, class Lane = float, class Total = double, class Body, class Finish>
void reduce_channels(std::int64_t rows, std::int64_t channels, Device device, Body body, Finish finish) {
  if (channels == 0) return;
  const ReducePartition part(rows, channels);
  const dim3 block(kReduceThreads);
  // Totals have no dtype of their own; both kinds have the size of i64.
  static_assert(sizeof(Total) == sizeof(std::int64_t), "a Total of another size");
  Tensor scratch = Tensor::empty({K, part.chunks, channels}, DType::i64, device);
  Total* partial = static_cast<Total*>(scratch.raw());
  const std::int64_t plane = part.chunks * channels;
  const auto store = [=] __device__(std::int64_t chunk, std::int64_t channel, const Total(&totals)[K]) {
    for (int k = 0; k < K; ++k) partial[k * plane + chunk * channels + channel] = totals[k];
  };
  TERN_LAUNCH((reduce_channels_kernel<K, Lane, Total, Body, decltype(store)>),
              {dim3(part.chunks, part.tiles), block}, part, body, store);

  ReducePartition chunks(part.chunks, channels);
  chunks.chunks = 1;
  const auto load = [=] __device__(std::int64_t chunk, std::int64_t channel, Total(&lanes)[K]) {
    for (int k = 0; k < K; ++k) lanes[k] += partial[k * plane + chunk * channels + channel];
  };
  const auto finish_channel = [=] __device__(std::int64_t, std::int64_t channel, const Total(&totals)[K]) {
    finish(channel, totals);
  };
  TERN_LAUNCH((reduce_channels_kernel<K, Total, Total, decltype(load), decltype(finish_channel)>),
              {dim3(1, part.tiles), block}, chunks, load, finish_channel);
}

}  // namespace tern::kernels::cuda
