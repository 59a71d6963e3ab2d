// Tensor cores multiply bytes some eight times faster than a GPU counts bits, so this is for small batches:
// of the weights it reads a quarter of the bytes, and it keeps more blocks busy than 128 x 128 tiles do.
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/convolution_shape.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/ternary_words.cuh"
#include "tern/kernels/packed_ternary_conv2d.h"

namespace tern::kernels::cuda {
namespace {

constexpr int kWarps = 4;
constexpr int kThreadFilters = 4;  // so many sums share one load of x
constexpr int kBlockFilters = kWarps * kThreadFilters;

/// A lane computes one pixel, the warp 32 neighbouring ones, all with the same filters: words of x are loaded
/// lane by lane, words of t are one address for the warp.
template <class Z>
__global__ void __launch_bounds__(kWarps* kWarpSize)
    packed_ternary_conv2d_kernel(const ConvolutionShape shape, const TernaryWords* x, const TernaryWords* t,
                                 Z* z) {
  const int pixel = static_cast<int>(blockIdx.x) * kWarpSize + lane_index();
  const int first = static_cast<int>(blockIdx.y) * kBlockFilters + warp_index() * kThreadFilters;
  if (pixel >= shape.pixels) return;
  const Window window = window_of(shape, pixel);
  const TernaryWords* image =
      x + static_cast<std::int64_t>(window.image) * shape.height * shape.width * shape.channels;
  int sums[kThreadFilters] = {};
  for (int tap = 0; tap < shape.kernel_height * shape.kernel_width; ++tap) {
    const int row = window.top + tap / shape.kernel_width, column = window.left + tap % shape.kernel_width;
    if (!inside(row, shape.height) || !inside(column, shape.width)) continue;
    const TernaryWords* a = image + (static_cast<std::int64_t>(row) * shape.width + column) * shape.channels;
    for (int i = 0; i < shape.channels; ++i) {
      const TernaryWords value = a[i];
      TERN_UNROLL
      for (int f = 0; f < kThreadFilters; ++f) {
        // Filters beyond the last are computed as the last and not stored.
        const int filter = first + f < shape.filters ? first + f : shape.filters - 1;
        const TernaryWords weight =
            t[static_cast<std::int64_t>(filter) * shape.inner() + tap * shape.channels + i];
        const std::uint64_t both = value.mask & weight.mask;
        sums[f] += population_count(both) - 2 * population_count(both & (value.sign ^ weight.sign));
      }
    }
  }
  Z* to = z + static_cast<std::int64_t>(pixel) * shape.filters + first;
  for (int f = 0; f < kThreadFilters && first + f < shape.filters; ++f) to[f] = static_cast<Z>(sums[f]);
}

template <class Z>
void convolve(const PackedTernary& x, const PackedTernary& t, const Conv2dParameters& parameters,
              const Shape& shape, Z* z) {
  if (shape.numel() == 0) return;
  // In pairs of words, which take the place of channels.
  const ConvolutionShape convolution =
      convolution_shape("packed_ternary_conv2d", x.shape(), t.shape(), x.row_pairs(), parameters, shape);
  const dim3 grid(blocks_for(convolution.pixels, kWarpSize), blocks_for(convolution.filters, kBlockFilters));
  TERN_LAUNCH((packed_ternary_conv2d_kernel<Z>), {grid, dim3(kWarps * kWarpSize)}, convolution,
              ternary_words(x), ternary_words(t), z);
}

}  // namespace

void packed_ternary_conv2d(const PackedTernary& x, const PackedTernary& t, const Conv2dParameters& parameters,
                           Tensor& z) {
  visit_integers(z, [&](auto* pz) { convolve(x, t, parameters, z.shape(), pz); });
}

}  // namespace tern::kernels::cuda
