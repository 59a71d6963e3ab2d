#include "tern/kernels/cpu/amx/data_gradient.h"

#include <cstring>

#include "tern/core/bfloat16.h"
#include "tern/core/parallel.h"
#include "tern/kernels/cpu/amx/amx.h"
#include "tern/kernels/cpu/amx/data_gradient_layout.h"
#include "tern/kernels/cpu/amx/tiles.h"

namespace tern::kernels::cpu::amx {
namespace {

/// With fewer channels on either side the tiles hold too many zeros.
constexpr std::int64_t kMinChannels = 48;

/// The weights as right factors: for each block of 32 input channels, tap and half of the block, the output
/// channels in pairs. Channels beyond those of w are zero.
Tensor paired_weights(const DataGradientLayout& layout, const Tensor& w) {
  const std::int64_t taps = w.dim(1) * w.dim(2), in = w.dim(3), out = w.dim(0);
  Tensor paired = Tensor::zeros({layout.in_channels / kTile, taps, layout.out_channels, kTile}, DType::bf16);
  const bfloat16* source = w.data<bfloat16>();
  bfloat16* target = paired.data<bfloat16>();
  parallel_for(0, layout.in_channels / kTile, 1, [=, &layout](std::int64_t block, std::int64_t last) {
    alignas(64) bfloat16 rows[2][kTile] = {};
    for (; block < last; ++block) {
      const std::int64_t channels = std::clamp<std::int64_t>(in - block * kTile, 0, kTile);
      const auto bytes = static_cast<std::size_t>(channels) * sizeof(bfloat16);
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        bfloat16* to = target + (block * taps + tap) * layout.out_channels * kTile;
        for (std::int64_t o = 0; o < out; o += 2, to += 2 * kTile) {
          std::memset(rows, 0, sizeof(rows));
          for (std::int64_t k = 0; k < std::min<std::int64_t>(2, out - o); ++k)
            std::memcpy(rows[k], source + ((o + k) * taps + tap) * in + block * kTile, bytes);
          pair_rows(rows[0], rows[1], to);
        }
      }
    }
  });
  return paired;
}

/// dy of the images [first, first + count), laid out. What stands between the images stays zero.
void stage(const DataGradientLayout& layout, const Tensor& dy, std::int64_t first, std::int64_t count,
           bfloat16* staged) {
  const std::int64_t channels = dy.dim(3), padded = layout.out_channels;
  const auto bytes = static_cast<std::size_t>(channels) * sizeof(bfloat16);
  const bfloat16* source = dy.data<bfloat16>() + first * layout.height * layout.width * channels;
  for (std::int64_t image = 0; image < count; ++image) {
    for (std::int64_t y = 0; y < layout.height; ++y) {
      bfloat16* to = staged + (layout.margin + y * layout.row + image * layout.cell) * padded;
      for (std::int64_t x = 0; x < layout.width; ++x, source += channels)
        std::memcpy(to + x * padded, source, bytes);
    }
  }
}

/// A group of images: dy as laid out, and their dx.
struct Group {
  const bfloat16* staged;
  bfloat16* dx;
  std::int64_t images;
  std::int64_t dx_width, dx_image, channels;
};

/// Rounds a block of sums, positions from `position` on and input channels from `channel` on, to dx.
void store_block(const BlockSums& sums, const DataGradientLayout& layout, const Phase& phase, std::int64_t a,
                 std::int64_t position, std::int64_t channel, const Group& group) {
  const std::int64_t count = std::min(kBlock, group.channels - channel);
  bfloat16* row = group.dx + (layout.stride * a + phase.y) * group.dx_width * group.channels + channel;
  std::int64_t image = position / layout.cell, b = position % layout.cell;
  for (std::int64_t r = 0; r < kBlock && image < group.images; ++r) {
    if (b < phase.width) {
      bfloat16* to = row + image * group.dx_image + (layout.stride * b + phase.x) * group.channels;
      const float* left = sums[r / kTile * 2] + r % kTile * kTile;
      const float* right = left + kTile * kTile;
      for (std::int64_t c = 0; c < std::min(count, kTile); ++c) to[c] = rounded_to<bfloat16>(left[c]);
      for (std::int64_t c = kTile; c < count; ++c) to[c] = rounded_to<bfloat16>(right[c - kTile]);
    }
    if (++b == layout.cell) b = 0, ++image;
  }
}

/// 32 input channels of all pixels of a group. `right` are their weights, which stay in the second cache, as
/// dy does.
__attribute__((target("amx-tile,amx-bf16"))) void block_of_channels(const DataGradientLayout& layout,
                                                                    const Group& group, const bfloat16* right,
                                                                    std::int64_t half, std::int64_t channel) {
  alignas(64) BlockSums sums;
  const std::int64_t depth = layout.out_channels;
  for (const Phase& phase : layout.phases) {
    for (std::int64_t a = 0; a < phase.height; ++a) {
      for (std::int64_t position = 0; position < group.images * layout.cell; position += kBlock) {
        zero_sums();
        for (const PhaseTap& tap : phase.taps) {
          const std::int64_t y = a + tap.rows;
          if (y < 0 || y >= layout.height) continue;
          const bfloat16* left =
              group.staged + (layout.margin + y * layout.row + position + tap.columns) * depth;
          const bfloat16* factor = right + tap.number * depth * kTile;
          add_product(left, depth, factor, factor + half, depth);
        }
        store_sums(sums);
        store_block(sums, layout, phase, a, position, channel, group);
      }
    }
  }
}

}  // namespace

bool takes_data_gradient(const Tensor& dy, const Tensor& dx) {
  return dy.device().type == DeviceType::cpu && dy.dtype() == DType::bf16 && dy.dim(3) >= kMinChannels &&
         dx.dim(3) >= kMinChannels && is_available();
}

void data_gradient(const Tensor& dy, const Tensor& w, const Conv2dParameters& parameters, Tensor& dx) {
  const DataGradientLayout layout(dy.shape(), w.shape(), dx.shape(), parameters);
  const Tensor weights = paired_weights(layout, w);
  const std::int64_t half = w.dim(1) * w.dim(2) * layout.out_channels * kTile;  // of the weights of a block
  const std::int64_t dx_image = dx.dim(1) * dx.dim(2) * dx.dim(3);
  const std::int64_t groups = (layout.images + layout.group - 1) / layout.group;
  parallel_for(
      0, groups, 1, [&](std::int64_t number, std::int64_t last) __attribute__((target("amx-tile,amx-bf16"))) {
        Tensor staged = Tensor::zeros({layout.positions(), layout.out_channels}, DType::bf16);
        const TileConfig config;
        _tile_loadconfig(&config);
        for (; number < last; ++number) {
          const std::int64_t first = number * layout.group;
          const Group group{staged.data<bfloat16>(),
                            dx.data<bfloat16>() + first * dx_image,
                            std::min(layout.group, layout.images - first),
                            dx.dim(2),
                            dx_image,
                            dx.dim(3)};
          stage(layout, dy, first, group.images, staged.data<bfloat16>());
          for (std::int64_t channel = 0; channel < layout.in_channels; channel += kBlock) {
            const bfloat16* right = weights.data<bfloat16>() + channel / kTile * half;
            block_of_channels(layout, group, right, half, channel);
          }
        }
        _tile_release();
      });
}

}  // namespace tern::kernels::cpu::amx
