#include "tern/kernels/cpu/amx/weight_gradient.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tern/core/parallel.h"
#include "tern/kernels/cpu/amx/amx.h"
#include "tern/kernels/cpu/amx/tiles.h"
#include "tern/kernels/cpu/amx/weight_gradient_layout.h"

namespace tern::kernels::cpu::amx {
namespace {

/// dy of a group, position-major as it comes, then channel-major, as a tile wants the rows of a left factor.
struct LeftFactor {
  explicit LeftFactor(const WeightGradientLayout& layout)
      : channels(layout.out_channels),
        positions(layout.left_positions()),
        // An odd number of cache lines, so that the rows of a tile fall into different sets of the cache.
        row(positions % (2 * kPositions) == 0 ? positions + kPositions : positions),
        staged(Tensor::zeros({positions, channels}, DType::bf16)),
        transposed(Tensor::zeros({channels, row}, DType::bf16)) {}

  std::int64_t channels, positions, row;
  Tensor staged, transposed;
};

/// x of a group for one kx, position-major, then in pairs of positions, 16 channels at a time, as a tile
/// wants the rows of a right factor.
struct RightFactor {
  explicit RightFactor(const WeightGradientLayout& layout)
      : channels(layout.in_channels),
        positions(layout.right_positions()),
        staged(Tensor::zeros({positions, channels}, DType::bf16)),
        paired(Tensor::zeros({channels / kTile, positions, kTile}, DType::bf16)) {}

  std::int64_t channels, positions;
  Tensor staged, paired;
};

/// Copies `count` positions of `channels` channels, `step` positions apart, to positions of `padded` channels
/// next to each other.
void copy_positions(const bfloat16* from, std::int64_t count, std::int64_t step, std::int64_t channels,
                    bfloat16* to, std::int64_t padded) {
  const auto bytes = static_cast<std::size_t>(channels) * sizeof(bfloat16);
  if (step == 1 && channels == padded) {
    std::memcpy(to, from, static_cast<std::size_t>(count) * bytes);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) std::memcpy(to + i * padded, from + i * step * channels, bytes);
}

// Both of these write the same positions for every group: the others stay zero as they were made. A last
// group of fewer images leaves old values in x, which meet zeros in dy.

void stage(const WeightGradientLayout& layout, const Tensor& dy, std::int64_t first, std::int64_t count,
           LeftFactor& to) {
  const std::int64_t channels = dy.dim(3);
  const bfloat16* source = dy.data<bfloat16>() + first * layout.height * layout.width * channels;
  bfloat16* staged = to.staged.data<bfloat16>();
  if (count < layout.group) to.staged.fill_zero();
  parallel_for(0, count * layout.height, 16, [=, &layout, &to](std::int64_t at, std::int64_t last) {
    for (; at < last; ++at) {
      const std::int64_t image = at / layout.height, y = at % layout.height;
      copy_positions(source + at * layout.width * channels, layout.width, 1, channels,
                     staged + (y * layout.row + image * layout.width) * to.channels, to.channels);
    }
  });
}

void stage(const WeightGradientLayout& layout, const Tensor& x, std::int64_t kx, std::int64_t first,
           std::int64_t count, RightFactor& to) {
  const std::int64_t channels = x.dim(3), left = kx - layout.padding;
  // The X whose column is one of the image.
  const std::int64_t begin = left >= 0 ? 0 : (-left + layout.stride - 1) / layout.stride;
  const std::int64_t columns = layout.in_width - left;
  const std::int64_t end =
      columns <= 0 ? 0 : std::min(layout.width, (columns + layout.stride - 1) / layout.stride);
  if (begin >= end) return;
  const bfloat16* source = x.data<bfloat16>() + first * layout.in_height * layout.in_width * channels;
  bfloat16* staged = to.staged.data<bfloat16>();
  parallel_for(0, count * layout.in_height, 16, [=, &layout, &to](std::int64_t at, std::int64_t last) {
    for (; at < last; ++at) {
      const std::int64_t image = at / layout.in_height, j = at % layout.in_height + layout.padding;
      const std::int64_t section_row = j / layout.stride;
      if (section_row >= layout.section_rows) continue;  // no tap reads it
      const std::int64_t row = j % layout.stride * layout.section_rows + section_row;
      copy_positions(source + (at * layout.in_width + left + begin * layout.stride) * channels, end - begin,
                     layout.stride, channels,
                     staged + (row * layout.row + image * layout.width + begin) * to.channels, to.channels);
    }
  });
}

/// An 8 x 8 block of 16-bit values, transposed.
void transpose_block(const bfloat16* from, std::int64_t from_row, bfloat16* to, std::int64_t to_row) {
  __m128i a[8], b[8];
  for (int i = 0; i < 8; ++i) a[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * from_row));
  for (int i = 0; i < 4; ++i) {
    b[2 * i] = _mm_unpacklo_epi16(a[i], a[i + 4]);
    b[2 * i + 1] = _mm_unpackhi_epi16(a[i], a[i + 4]);
  }
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = _mm_unpacklo_epi16(b[i], b[i + 4]);
    a[2 * i + 1] = _mm_unpackhi_epi16(b[i], b[i + 4]);
  }
  for (int i = 0; i < 4; ++i) {
    b[2 * i] = _mm_unpacklo_epi16(a[i], a[i + 4]);
    b[2 * i + 1] = _mm_unpackhi_epi16(a[i], a[i + 4]);
  }
  for (int i = 0; i < 8; ++i) _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i * to_row), b[i]);
}

void transpose(LeftFactor& dy) {
  const bfloat16* staged = dy.staged.data<bfloat16>();
  bfloat16* transposed = dy.transposed.data<bfloat16>();
  parallel_for(0, dy.channels / 8, 4, [=, &dy](std::int64_t block, std::int64_t last) {
    for (; block < last; ++block) {
      for (std::int64_t position = 0; position < dy.positions; position += 8) {
        transpose_block(staged + position * dy.channels + block * 8, dy.channels,
                        transposed + block * 8 * dy.row + position, dy.row);
      }
    }
  });
}

void pair_positions(RightFactor& x) {
  const bfloat16* staged = x.staged.data<bfloat16>();
  bfloat16* paired = x.paired.data<bfloat16>();
  parallel_for(0, x.channels / kTile, 1, [=, &x](std::int64_t block, std::int64_t last) {
    for (; block < last; ++block) {
      bfloat16* target = paired + block * kTile * x.positions;
      for (std::int64_t position = 0; position < x.positions; position += 2, target += 2 * kTile) {
        const bfloat16* first = staged + position * x.channels + block * kTile;
        pair_rows(first, first + x.channels, target);
      }
    }
  });
}

/// Adds what one group gives to the sums of all taps: sums[out block, in block, tap].
__attribute__((target("amx-tile,amx-bf16"))) void add_taps(const WeightGradientLayout& layout,
                                                           const LeftFactor& dy,
                                                           const std::vector<RightFactor>& x,
                                                           BlockSums* sums) {
  constexpr std::int64_t kChunk = 256;  // positions of both factors that stay in the first cache for all ky
  const std::int64_t chunk_rows = std::max<std::int64_t>(1, kChunk / layout.row);
  const std::int64_t in_blocks = layout.in_channels / kChannels;
  const std::int64_t blocks = layout.out_channels / kChannels * in_blocks;
  const bfloat16* left = dy.transposed.data<bfloat16>();
  parallel_for(
      0, blocks, 1, [&](std::int64_t block, std::int64_t last) __attribute__((target("amx-tile,amx-bf16"))) {
        const TileConfig config;
        _tile_loadconfig(&config);
        for (; block < last; ++block) {
          const bfloat16* rows = left + block / in_blocks * kChannels * dy.row;
          for (std::int64_t kx = 0; kx < layout.kernel_width; ++kx) {
            const RightFactor& factor = x[static_cast<std::size_t>(kx)];
            const bfloat16* right =
                factor.paired.data<bfloat16>() + block % in_blocks * kChannels * factor.positions;
            const std::int64_t right_tile = factor.positions * kTile;
            for (std::int64_t chunk = 0; chunk < layout.height; chunk += chunk_rows) {
              for (std::int64_t ky = 0; ky < layout.kernel_height; ++ky) {
                const std::int64_t begin = std::max(chunk, layout.first_row(ky)) * layout.row;
                const std::int64_t end = std::min(chunk + chunk_rows, layout.end_row(ky)) * layout.row;
                if (begin >= end) continue;
                const bfloat16* other = right + (layout.right_offset(ky) + begin) * kTile;
                BlockSums& tap = sums[(block * layout.kernel_height + ky) * layout.kernel_width + kx];
                load_sums(tap);
                add_product(rows + begin, dy.row, other, other + right_tile, end - begin);
                store_sums(tap);
              }
            }
          }
        }
        _tile_release();
      });
}

void store(const WeightGradientLayout& layout, const BlockSums* sums, Tensor& dw) {
  const std::int64_t taps = dw.dim(1) * dw.dim(2), channels = dw.dim(3);
  const std::int64_t in_blocks = layout.in_channels / kChannels;
  parallel_for(0, dw.dim(0), 16, [&](std::int64_t o, std::int64_t last) {
    for (; o < last; ++o) {
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        for (std::int64_t i = 0; i < channels; i += kTile) {
          const BlockSums& block = sums[(o / kChannels * in_blocks + i / kChannels) * taps + tap];
          const float* row = block[o / kTile % 2 * 2 + i / kTile % 2] + o % kTile * kTile;
          std::copy_n(row, std::min(kTile, channels - i), dw.data<float>() + (o * taps + tap) * channels + i);
        }
      }
    }
  });
}

}  // namespace

bool takes_weight_gradient(const Tensor& dy, const Tensor& x) {
  return dy.dtype() == DType::bf16 && x.dtype() == DType::bf16 && dy.dim(3) >= kChannels &&
         x.dim(3) >= kChannels && is_available();
}

void weight_gradient(const Tensor& dy, const Tensor& x, const Conv2dParameters& parameters, Tensor& dw) {
  const WeightGradientLayout layout(dy.shape(), x.shape(), dw.shape(), parameters);
  LeftFactor left(layout);
  std::vector<RightFactor> right;
  for (std::int64_t kx = 0; kx < layout.kernel_width; ++kx) right.emplace_back(layout);
  Tensor memory = Tensor::zeros({layout.out_channels, dw.dim(1) * dw.dim(2), layout.in_channels});
  auto* sums = reinterpret_cast<BlockSums*>(memory.data<float>());
  for (std::int64_t first = 0; first < layout.images; first += layout.group) {
    const std::int64_t count = std::min(layout.group, layout.images - first);
    stage(layout, dy, first, count, left);
    transpose(left);
    for (std::int64_t kx = 0; kx < layout.kernel_width; ++kx) {
      RightFactor& factor = right[static_cast<std::size_t>(kx)];
      stage(layout, x, kx, first, count, factor);
      pair_positions(factor);
    }
    add_taps(layout, left, right, sums);
  }
  store(layout, sums, dw);
}

}  // namespace tern::kernels::cpu::amx
