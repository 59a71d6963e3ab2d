#include "tern/benchmarks/support/peak_loops.h"

#if defined(__x86_64__)

#include <immintrin.h>

// Only what follows is compiled for these instruction sets, and nothing of it is called on a CPU without.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw")
#endif

#include "tern/benchmarks/support/peak_loops_vectors.h"

#define TERN_INLINE inline __attribute__((always_inline))

namespace tern::bench {
namespace {

/// Without VNNI: pairs of products in 16 bits, pairs of those in 32.
struct Lanes {
  using Floats = __m512;
  using Integers = __m512i;
  static Floats broadcast(float value) { return _mm512_set1_ps(value); }
  static Integers broadcast(std::int8_t value) { return _mm512_set1_epi8(value); }
  static Floats fma(Floats a, Floats b, Floats sum) { return _mm512_fmadd_ps(a, b, sum); }
  static Integers dot(Integers sum, Integers a, Integers b) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(a, b), _mm512_set1_epi16(1)));
  }
};

// A register holds 8 channels of 64 filters, for each of these pixels.
constexpr int kPixels = 3;
constexpr double kTileMacs = kPixels * 512.0;

/// The number of ones of each byte (Mula, "SSSE3: fast popcount").
TERN_INLINE __m512i popcount_bytes(__m512i v) {
  const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const __m512i nibble = _mm512_set1_epi8(15);
  return _mm512_add_epi8(_mm512_shuffle_epi8(table, _mm512_and_si512(v, nibble)),
                         _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble)));
}

using Bits = __m512i[kPixels];

struct Tile {
  Bits sign, mask, planes[4] = {}, counts = {}, differ_counts = {};
  __m512i weight_sign = _mm512_set1_epi8(5), weight_mask = _mm512_set1_epi8(7);

  TERN_INLINE Tile() {
    for (int p = 0; p < kPixels; ++p) {
      renew(sign[p] = _mm512_set1_epi8(3));
      renew(mask[p] = _mm512_set1_epi8(7));
    }
  }
  TERN_INLINE ~Tile() {
    for (__m512i& count : counts) renew(count);
    for (__m512i& count : differ_counts) renew(count);
  }
  TERN_INLINE void renew_weights() {
    renew(weight_sign);
    renew(weight_mask);
  }

  /// As kernels/cpu/packed/avx512bw.cpp adds 2^kLevel steps.
  template <int kLevel>
  TERN_INLINE void add(Bits& carry) {
    Bits other;
    if constexpr (kLevel == 0) {
      renew_weights();
    } else {
      add<kLevel - 1>(other);
      add<kLevel - 1>(carry);
    }
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) {
      const __m512i plane = planes[kLevel][p];
      if constexpr (kLevel == 0) {
        planes[0][p] = _mm512_ternarylogic_epi32(plane, weight_mask, mask[p], 0x87);
        carry[p] =
            _mm512_ternarylogic_epi32(_mm512_xor_si512(weight_sign, sign[p]), plane, planes[0][p], 0xD4);
      } else {
        planes[kLevel][p] = _mm512_ternarylogic_epi32(plane, other[p], carry[p], 0x96);
        carry[p] = _mm512_ternarylogic_epi32(plane, other[p], carry[p], 0xE8);
      }
    }
  }
};

double bit_planes(std::int64_t steps) {
  Tile tile;
  for (std::int64_t i = 0; i < steps; ++i) {
    tile.renew_weights();
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) {
      const __m512i both = _mm512_and_si512(tile.mask[p], tile.weight_mask);
      const __m512i differ = _mm512_ternarylogic_epi32(both, tile.sign[p], tile.weight_sign, 0x60);
      tile.counts[p] = _mm512_add_epi8(tile.counts[p], popcount_bytes(both));
      tile.differ_counts[p] = _mm512_add_epi8(tile.differ_counts[p], popcount_bytes(differ));
    }
  }
  return static_cast<double>(steps) * kTileMacs;
}

double ternary(std::int64_t steps) {
  Tile tile;
  Bits carry;
  for (std::int64_t i = 0; i < steps; i += 8) {
    tile.add<3>(carry);
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p)
      tile.counts[p] = _mm512_add_epi8(tile.counts[p], popcount_bytes(carry[p]));
  }
  return static_cast<double>((steps + 7) / 8 * 8) * kTileMacs;
}

}  // namespace

const PeakLoops& avx512bw_peak_loops() {
  static constexpr PeakLoops loops{"avx512bw", fp32_fma<Lanes>, int8_dot<Lanes>, bit_planes, ternary};
  return loops;
}

}  // namespace tern::bench

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
