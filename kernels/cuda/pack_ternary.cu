// Bytes per value: 1 1/4 to pack, 1 1/4, 2 1/4 or 4 1/4 to unpack.
#include "tern/core/bfloat16.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/channel_slot.cuh"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/ternary_words.cuh"
#include "tern/kernels/pack_ternary.h"

namespace tern::kernels::cuda {
namespace {

constexpr int kPackBlock = 256;

/// Which pair of words a warp packs, and which two of its 64 channels a lane.
struct PairOfWords {
  std::int64_t pairs, row_pairs, channels;

  explicit PairOfWords(const PackedTernary& packed)
      : pairs(packed.rows() * packed.row_pairs()),
        row_pairs(packed.row_pairs()),
        channels(packed.channels()) {}

  LaunchShape shape() const { return {dim3(blocks_for(pairs, kPackBlock / kWarpSize)), dim3(kPackBlock)}; }

  __device__ std::int64_t pair() const { return thread_in_grid() / kWarpSize; }
  __device__ std::int64_t row() const { return pair() / row_pairs; }
  /// The lane's channel in this half of the words, 0 or 1.
  __device__ std::int64_t channel(int half) const {
    return (pair() % row_pairs * 2 + half) * kWarpSize + lane_index();
  }
};

__global__ void __launch_bounds__(kPackBlock)
    pack_ternary_kernel(PairOfWords at, const std::int8_t* x, TernaryWords* words) {
  if (at.pair() >= at.pairs) return;
  TernaryWords packed = {0, 0};
  for (int half = 0; half < 2; ++half) {
    const std::int64_t c = at.channel(half);
    const int value = c < at.channels ? x[at.row() * at.channels + c] : 0;
    packed.sign |= std::uint64_t{ballot(value < 0)} << (half * kWarpSize);
    packed.mask |= std::uint64_t{ballot(value != 0)} << (half * kWarpSize);
  }
  if (lane_index() == 0) words[at.pair()] = packed;
}

template <int Width, class T>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    unpack_ternary_kernel(ChannelGrid grid, const TernaryWords* words, std::int64_t row_pairs, T* y) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  const TernaryWords* of_channels = words + slot.channel / PackedTernary::kWordChannels;
  const int bit = static_cast<int>(slot.channel % PackedTernary::kWordChannels);
  for (int step = 0; step < slot.steps; step += kRowsInFlight) {
    TernaryWords rows[kRowsInFlight];
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (slot.owns(step + r)) rows[r] = of_channels[slot.row(step + r) * row_pairs];
    }
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      if (!slot.owns(step + r)) continue;
      const unsigned sign = static_cast<unsigned>(rows[r].sign >> bit);
      const unsigned mask = static_cast<unsigned>(rows[r].mask >> bit);
      Vector<T, Width> values;
      for (int k = 0; k < Width; ++k) {
        values.at[k] =
            from_small_integer<T>(static_cast<int>(mask >> k & 1) - 2 * static_cast<int>(sign >> k & 1));
      }
      store(y + slot.element(step + r), values);
    }
  }
}

template <class T>
void unpack(const PackedTernary& x, const Tensor& shape, T* y) {
  if (shape.numel() == 0) return;
  visit_width(x.channels(), [&](auto width) {
    const ChannelGrid grid(shape, width);
    TERN_LAUNCH((unpack_ternary_kernel<width, T>), grid.shape(width), grid, ternary_words(x), x.row_pairs(),
                y);
  });
}

}  // namespace

void pack_ternary(const Tensor& x, PackedTernary& packed) {
  const PairOfWords at(packed);
  if (at.pairs > 0) {
    TERN_LAUNCH(pack_ternary_kernel, at.shape(), at, x.data<std::int8_t>(), ternary_words(packed));
  }
}

void unpack_ternary(const PackedTernary& x, Tensor& y) {
  visit_castable(y, [&](auto* values) { unpack(x, y, values); });
}

}  // namespace tern::kernels::cuda
