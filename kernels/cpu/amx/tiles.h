// The tile registers: 0 to 3 hold a block of sums, 2 x 2 tiles, and 4 to 7 the factors of one step.
#pragma once

#include <immintrin.h>

#include "tern/core/dtype.h"
#include "tern/kernels/cpu/amx/tile_sizes.h"

namespace tern::kernels::cpu::amx {

struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

/// A block of sums in memory, tile by tile: upper left, upper right, lower left, lower right.
using BlockSums = float[4][kTile * kTile];

// The sums stay in their registers from one of these calls to the next: all are inlined. The intrinsics take
// the numbers of tiles as constants alone.
#define TERN_AMX __attribute__((target("amx-tile,amx-bf16"), always_inline)) inline

TERN_AMX void zero_sums() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

TERN_AMX void load_sums(const BlockSums& sums) {
  _tile_loadd(0, sums[0], 64);
  _tile_loadd(1, sums[1], 64);
  _tile_loadd(2, sums[2], 64);
  _tile_loadd(3, sums[3], 64);
}

TERN_AMX void store_sums(BlockSums& sums) {
  _tile_stored(0, sums[0], 64);
  _tile_stored(1, sums[1], 64);
  _tile_stored(2, sums[2], 64);
  _tile_stored(3, sums[3], 64);
}

/// sums += left (32 rows, `left_row` elements apart) times right (twice 16 columns, in pairs of rows), over
/// `depth`, a multiple of kDepth.
TERN_AMX void add_product(const bfloat16* left, std::int64_t left_row, const bfloat16* right0,
                          const bfloat16* right1, std::int64_t depth) {
  const auto left_bytes = static_cast<long>(left_row * 2);
  const bfloat16* lower = left + kTile * left_row;
  for (std::int64_t k = 0; k < depth; k += kDepth) {
    _tile_loadd(4, left + k, left_bytes);
    _tile_loadd(6, right0 + k * kTile, 64);
    _tile_loadd(7, right1 + k * kTile, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(5, lower + k, left_bytes);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
}

/// Rows `first` and `second` of 16 values, as the pair of rows that a right factor wants: 32 values at `to`,
/// aligned.
inline void pair_rows(const bfloat16* first, const bfloat16* second, bfloat16* to) {
  for (std::int64_t c = 0; c < kTile; c += 8) {
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first + c));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(second + c));
    auto* pairs = reinterpret_cast<__m128i*>(to + 2 * c);
    _mm_store_si128(pairs, _mm_unpacklo_epi16(a, b));
    _mm_store_si128(pairs + 1, _mm_unpackhi_epi16(a, b));
  }
}

}  // namespace tern::kernels::cpu::amx
