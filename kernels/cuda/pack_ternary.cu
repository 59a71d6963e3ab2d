// Both ways one warp takes one pair of words, and each lane two of its 64 channels. Bytes per value: 1 1/4 to
// pack, 1 1/4, 2 1/4 or 4 1/4 to unpack.
#include "tern/core/bfloat16.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/launch.cuh"
#include "tern/kernels/cuda/ternary_words.cuh"
#include "tern/kernels/pack_ternary.h"

namespace tern::kernels::cuda {
namespace {

constexpr int kBlock = 256;

/// Which pair of words a warp has, and which values its lane.
struct PairOfWords {
  std::int64_t pairs, row_pairs, channels;

  explicit PairOfWords(const PackedTernary& packed)
      : pairs(packed.rows() * packed.row_pairs()),
        row_pairs(packed.row_pairs()),
        channels(packed.channels()) {}

  LaunchShape shape() const { return {dim3(blocks_for(pairs, kBlock / kWarpSize)), dim3(kBlock)}; }

  __device__ std::int64_t pair() const { return thread_in_grid() / kWarpSize; }
  __device__ std::int64_t row() const { return pair() / row_pairs; }
  /// The lane's channel in this half of the words, 0 or 1.
  __device__ std::int64_t channel(int half) const {
    return (pair() % row_pairs * 2 + half) * kWarpSize + lane_index();
  }
};

__global__ void __launch_bounds__(kBlock)
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

template <class T>
__global__ void __launch_bounds__(kBlock)
    unpack_ternary_kernel(PairOfWords at, const TernaryWords* words, T* y) {
  if (at.pair() >= at.pairs) return;
  const TernaryWords packed = words[at.pair()];
  for (int half = 0; half < 2; ++half) {
    const int bit = half * kWarpSize + lane_index();
    const int value = static_cast<int>(packed.mask >> bit & 1) - 2 * static_cast<int>(packed.sign >> bit & 1);
    const std::int64_t c = at.channel(half);
    if (c < at.channels) y[at.row() * at.channels + c] = from_small_integer<T>(value);
  }
}

template <class T>
void unpack(const PackedTernary& x, T* y) {
  const PairOfWords at(x);
  if (at.pairs > 0) TERN_LAUNCH(unpack_ternary_kernel<T>, at.shape(), at, ternary_words(x), y);
}

}  // namespace

void pack_ternary(const Tensor& x, PackedTernary& packed) {
  const PairOfWords at(packed);
  if (at.pairs > 0) {
    TERN_LAUNCH(pack_ternary_kernel, at.shape(), at, x.data<std::int8_t>(), ternary_words(packed));
  }
}

void unpack_ternary(const PackedTernary& x, Tensor& y) {
  visit_castable(y, [&](auto* values) { unpack(x, values); });
}

}  // namespace tern::kernels::cuda
