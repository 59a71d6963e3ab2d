#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/implicit_gemm_epilogue.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/ternary_conv2d.h"

namespace tern::kernels::cuda {
namespace {

template <class Tile, class Result>
__global__ void __launch_bounds__(Tile::kThreads, kResidentBlocks)
    ternary_conv2d_implicit_gemm_kernel(const ConvolutionShape shape, const std::int8_t* x,
                                        const std::int8_t* t, const Result result, std::uint64_t* sums) {
  TERN_DYNAMIC_SHARED(shared);
  const int tile = static_cast<int>(blockIdx.x);
  const int column_tiles = (shape.filters + Tile::kColumns - 1) / Tile::kColumns;
  const int first_pixel = tile / column_tiles * Tile::kRows;
  const int first_filter = tile % column_tiles * Tile::kColumns;
  PixelGather<Tile> pixels(shape, x, first_pixel);
  FilterGather<Tile> filters(shape, t, first_filter);
  int copied = 0, used = 0;  // stages
  const auto copy_step = [&] {
    unsigned char* stage = shared + copied;
    pixels.copy_step(stage);
    filters.copy_step(stage + Tile::kRows * kStepBytes);
    cp_async_commit();
    advance_stage<Tile>(copied);
  };

  TERN_UNROLL
  for (int stage = 0; stage < kStages - 1; ++stage) copy_step();
  WarpProduct product;
  for (int position = 0; position < shape.inner(); position += kStepBytes) {
    cp_async_wait<kStages - 2>();
    // Behind this barrier everyone's copies of this step are there, and everyone has done with the step
    // before, whose stage the next copies overwrite.
    sync_block();
    copy_step();
    const unsigned char* stage = shared + used;
    product.add_step(stage, Tile::warp_row(), stage + Tile::kRows * kStepBytes, Tile::warp_column());
    advance_stage<Tile>(used);
  }
  cp_async_wait<0>();

  store_sums(product, shape, first_pixel + Tile::warp_row(), first_filter + Tile::warp_column(), result);
  if (sums == nullptr) return;
  sync_block();
  add_channel_sums<Tile>(product, shape, first_filter, reinterpret_cast<std::uint64_t*>(shared), sums);
}

struct alignas(kChunkBytes) Chunk {
  std::int8_t values[kChunkBytes];
};

/// x (..., C) itself if its channels are whole chunks, else a copy with zeros appended to each row.
Tensor with_whole_chunks(const Tensor& x) {
  const std::int64_t channels = x.dim(-1), chunks = (channels + kChunkBytes - 1) / kChunkBytes;
  if (channels == chunks * kChunkBytes) return x;
  const std::int64_t rows = x.numel() / channels;
  Tensor padded = Tensor::empty({rows, chunks * kChunkBytes}, DType::i8, x.device());
  const std::int8_t* from = x.data<std::int8_t>();
  auto* to = reinterpret_cast<Chunk*>(padded.data<std::int8_t>());
  for_each_element(rows * chunks, [=] __device__(std::int64_t i) {
    const std::int64_t row = i / chunks, first = i % chunks * kChunkBytes;
    Chunk chunk;
    for (int c = 0; c < kChunkBytes; ++c) {
      chunk.values[c] = first + c < channels ? from[row * channels + first + c] : std::int8_t{0};
    }
    to[i] = chunk;
  });
  return padded;
}

template <class Tile, class Result>
void launch(const ConvolutionShape& shape, const Tensor& x, const Tensor& t, const Result& result,
            std::uint64_t* sums) {
  const unsigned blocks = blocks_for(shape.pixels, Tile::kRows) * blocks_for(shape.filters, Tile::kColumns);
  TERN_LAUNCH((ternary_conv2d_implicit_gemm_kernel<Tile, Result>),
              {dim3(blocks), dim3(Tile::kThreads), Tile::kSharedBytes}, shape, x.data<std::int8_t>(),
              t.data<std::int8_t>(), result, sums);
}

template <class Result>
void convolve(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters, const Shape& output,
              const Result& result, std::uint64_t* sums = nullptr) {
  if (output.numel() == 0) return;
  const Tensor chunked_x = with_whole_chunks(x), chunked_t = with_whole_chunks(t);
  const ConvolutionShape shape =
      convolution_shape("ternary_conv2d", x.shape(), t.shape(), chunked_x.dim(-1), parameters, output);
  if (shape.filters <= 64) {
    launch<GemmTile<64>>(shape, chunked_x, chunked_t, result, sums);
  } else {
    launch<GemmTile<128>>(shape, chunked_x, chunked_t, result, sums);
  }
}

template <class Z>
IntegerResult<Z> integers(Z* z) {
  return {z};
}

}  // namespace

// Bytes times bytes: whatever levels the weights have.

void ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters,
                    WeightLevels /*levels*/, Tensor& z) {
  visit_integers(z, [&](auto* pz) { convolve(x, t, parameters, z.shape(), integers(pz)); });
}

void ternary_conv2d_with_sums(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters,
                              WeightLevels /*levels*/, Tensor& z, Tensor& sums) {
  sums.fill_zero();
  // Unsigned sums have the same bits, and atomics.
  auto* unsigned_sums = reinterpret_cast<std::uint64_t*>(sums.data<std::int64_t>());
  visit_integers(z, [&](auto* pz) { convolve(x, t, parameters, z.shape(), integers(pz), unsigned_sums); });
}

void scaled_ternary_conv2d(const Tensor& x, const Tensor& t, const Tensor& scale, const Tensor& bias,
                           const Conv2dParameters& parameters, WeightLevels /*levels*/, Tensor& y) {
  const float* biases = bias.defined() ? bias.data<float>() : nullptr;
  convolve(x, t, parameters, y.shape(), ScaledResult{y.data<float>(), scale.data<float>(), biases});
}

}  // namespace tern::kernels::cuda
