// The convolution as a matrix product C = A B without building A: where the chunks of A and B come from.
//
// Row m of A is the window of output pixel m, in the order (kh, kw, i); column o of B is filter o in the same
// order. A chunk of 16 bytes lies within one tap, because the shape's channels are a multiple of 16. Windows
// over the border, rows beyond the last pixel, columns beyond the last filter and the rest of the last step
// are filled with zeros.
#pragma once

#include "tern/kernels/cuda/convolution_shape.cuh"
#include "tern/kernels/cuda/implicit_gemm_tile.cuh"
#include "tern/kernels/cuda/ptx.cuh"

namespace tern::kernels::cuda {

template <class Tile>
class PixelGather {
 public:
  __device__ PixelGather(const ConvolutionShape& shape, const std::int8_t* x, int first_pixel)
      : shape_(shape), x_(x), channel_(Plan::chunk() * kChunkBytes), tap_(channel_) {
    TERN_UNROLL
    for (int i = 0; i < Plan::kCount; ++i) {
      find_window(i, first_pixel + Plan::first_row() + i * Plan::kRowStride);
    }
    find_tap();
  }

  /// Starts the copies of the next step; past the last they are zeros.
  __device__ void copy_step(unsigned char* rows) {
    TERN_UNROLL
    for (int i = 0; i < Plan::kCount; ++i) {
      const bool valid = tap_row_ < shape_.kernel_height && inside(top_[i] + tap_row_, shape_.height) &&
                         inside(left_[i] + tap_column_, shape_.width);
      cp_async_16(rows + Plan::target(i), x_ + (window_[i] + tap_), valid);
    }
    channel_ += kStepBytes;
    tap_ += kStepBytes;
    find_tap();
  }

 private:
  using Plan = CopyPlan<Tile, Tile::kRows>;

  __device__ void find_window(int i, int pixel) {
    constexpr int kNowhere = -(1 << 30);  // above the image whatever the tap
    const Window window = window_of(shape_, pixel);
    const bool exists = pixel < shape_.pixels;
    const std::int64_t line = static_cast<std::int64_t>(window.image) * shape_.height + window.top;
    top_[i] = exists ? window.top : kNowhere;
    left_[i] = window.left;
    window_[i] = exists ? (line * shape_.width + window.left) * shape_.channels : 0;
  }

  // Channels beyond the last are those of the next tap. In x the next tap of a row of taps follows at once.
  __device__ void find_tap() {
    while (channel_ >= shape_.channels) {
      channel_ -= shape_.channels;
      if (++tap_column_ < shape_.kernel_width) continue;
      tap_column_ = 0;
      ++tap_row_;
      tap_ += static_cast<std::int64_t>(shape_.width - shape_.kernel_width) * shape_.channels;
    }
  }

  const ConvolutionShape& shape_;
  const std::int8_t* x_;
  std::int64_t window_[Plan::kCount];           // offset in x of the window's first byte, were it inside
  int top_[Plan::kCount], left_[Plan::kCount];  // position of the window in the image
  int tap_row_ = 0, tap_column_ = 0, channel_;  // position of the chunk in the window
  std::int64_t tap_;                            // and its offset there
};

/// The filter in column `column` of the product. Within 32 columns filters are dealt such that the 8 sums of
/// a row that the product leaves in one lane (see mma_m16n8k32_s8: 2 of every 8 columns) belong to 8
/// neighbouring channels.
__device__ __forceinline__ int filter_of_column(int column) {
  return column / 32 * 32 + column % 8 / 2 * 8 + column / 8 % 4 * 2 + column % 2;
}

template <class Tile>
class FilterGather {
 public:
  __device__ FilterGather(const ConvolutionShape& shape, const std::int8_t* t, int first_filter)
      : position_(Plan::chunk() * kChunkBytes) {
    TERN_UNROLL
    for (int i = 0; i < Plan::kCount; ++i) {
      const int filter = first_filter + filter_of_column(Plan::first_row() + i * Plan::kRowStride);
      length_[i] = filter < shape.filters ? shape.inner() : 0;
      filter_[i] = t + static_cast<std::int64_t>(filter) * length_[i];
    }
  }

  /// Starts the copies of the next step; past the last they are zeros.
  __device__ void copy_step(unsigned char* columns) {
    TERN_UNROLL
    for (int i = 0; i < Plan::kCount; ++i) {
      cp_async_16(columns + Plan::target(i), filter_[i] + position_, position_ < length_[i]);
    }
    position_ += kStepBytes;
  }

 private:
  using Plan = CopyPlan<Tile, Tile::kColumns>;

  int position_;
  const std::int8_t* filter_[Plan::kCount];
  int length_[Plan::kCount];
};

}  // namespace tern::kernels::cuda
