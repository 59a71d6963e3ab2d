#include "tern/benchmarks/support/peak_loops.h"

#if defined(__x86_64__)

#include <immintrin.h>

// Only what follows is compiled for these instruction sets, and nothing of it is called on a CPU without.
#ifdef __clang__
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx512vpopcntdq"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vnni,avx512vpopcntdq")
#endif

#include "tern/benchmarks/support/peak_loops_vectors.h"

namespace tern::bench {
namespace {

struct Lanes {
  using Floats = __m512;
  using Integers = __m512i;
  static Floats broadcast(float value) { return _mm512_set1_ps(value); }
  static Integers broadcast(std::int8_t value) { return _mm512_set1_epi8(value); }
  static Floats fma(Floats a, Floats b, Floats sum) { return _mm512_fmadd_ps(a, b, sum); }
  static Integers dot(Integers sum, Integers a, Integers b) { return _mm512_dpbusd_epi32(sum, a, b); }
};

// The tile of the packed convolution: 4 pixels times 2 blocks of 8 filters; a register holds 64 channels of 8
// filters, so that each of the 8 products is one of 512 pairs.
constexpr int kPixels = 4, kBlocks = 2;
constexpr double kTileMacs = kPixels * kBlocks * 512.0;

struct Planes {
  __m512i sign, mask;
};

struct Tile {
  Planes pixels[kPixels], filters[kBlocks];

  Tile() {
    for (Planes& p : pixels) {
      p = {_mm512_set1_epi64(3), _mm512_set1_epi64(7)};
      renew(p.sign);
      renew(p.mask);
    }
    for (Planes& p : filters) p = {_mm512_set1_epi64(5), _mm512_set1_epi64(7)};
  }
  /// Pixels stay as they are: in a convolution they are broadcast, filters are what streams in.
  inline __attribute__((always_inline)) void renew_filters() {
    for (Planes& p : filters) {
      renew(p.sign);
      renew(p.mask);
    }
  }
};

inline __attribute__((always_inline)) void renew_all(__m512i (&tile)[kPixels][kBlocks]) {
#pragma GCC unroll 4
  for (auto& row : tile) {
#pragma GCC unroll 2
    for (__m512i& value : row) renew(value);
  }
}

double bit_planes(std::int64_t steps) {
  Tile tile;
  __m512i both_count[kPixels][kBlocks] = {}, differ_count[kPixels][kBlocks] = {};
  renew_all(both_count);
  renew_all(differ_count);
  for (std::int64_t i = 0; i < steps; ++i) {
    tile.renew_filters();
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 2
      for (int f = 0; f < kBlocks; ++f) {
        const Planes &x = tile.pixels[p], &w = tile.filters[f];
        const __m512i both = _mm512_and_si512(x.mask, w.mask);
        const __m512i differ = _mm512_ternarylogic_epi64(both, x.sign, w.sign, 0x60);  // both & (x ^ w)
        both_count[p][f] = _mm512_add_epi64(both_count[p][f], _mm512_popcnt_epi64(both));
        differ_count[p][f] = _mm512_add_epi64(differ_count[p][f], _mm512_popcnt_epi64(differ));
      }
    }
  }
  renew_all(both_count);
  renew_all(differ_count);
  return static_cast<double>(steps) * kTileMacs;
}

/// body(f) for the blocks of filters.
template <class Body>
inline __attribute__((always_inline)) void each_block(const Body& body) {
#pragma GCC unroll 2
  for (int f = 0; f < kBlocks; ++f) body(f);
}

/// Both blocks step by step, as the packed kernels have it (docs/packed_cpu.md); renew() keeps that order.
double ternary(std::int64_t steps) {
  Tile tile;
  const Planes(&w)[kBlocks] = tile.filters;
  __m512i ones[kPixels][kBlocks] = {}, counts[kPixels][kBlocks] = {};
  renew_all(ones);
  renew_all(counts);
  for (std::int64_t i = 0; i < steps; ++i) {
    tile.renew_filters();
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) {
      const Planes& x = tile.pixels[p];
      __m512i carry[kBlocks], next[kBlocks];
      each_block([&](int f) { renew(carry[f] = _mm512_xor_si512(x.sign, w[f].sign)); });
      each_block([&](int f) {  // ones ^ ~(x & w)
        renew(next[f] = _mm512_ternarylogic_epi64(ones[p][f], x.mask, w[f].mask, 0x87));
      });
      each_block([&](int f) {  // ones == next ? differ : ones
        renew(carry[f] = _mm512_ternarylogic_epi64(ones[p][f], next[f], carry[f], 0xB2));
      });
      each_block([&](int f) { renew(carry[f] = _mm512_popcnt_epi64(carry[f])); });
      each_block([&](int f) { renew(counts[p][f] = _mm512_add_epi64(counts[p][f], carry[f])); });
      each_block([&](int f) { ones[p][f] = next[f]; });
    }
  }
  return static_cast<double>(steps) * kTileMacs;
}

}  // namespace

const PeakLoops& avx512_peak_loops() {
  static constexpr PeakLoops loops{"avx512", fp32_fma<Lanes>, int8_dot<Lanes>, bit_planes, ternary};
  return loops;
}

}  // namespace tern::bench

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
