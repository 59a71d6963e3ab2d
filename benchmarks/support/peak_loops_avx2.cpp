#include "tern/benchmarks/support/peak_loops.h"

#if defined(__x86_64__)

#include <immintrin.h>

// Only what follows is compiled for these instruction sets, and nothing of it is called on a CPU without.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

#include "tern/benchmarks/support/peak_loops_vectors.h"

namespace tern::bench {
namespace {

/// Without VNNI: pairs of products in 16 bits, pairs of those in 32.
struct Lanes {
  using Floats = __m256;
  using Integers = __m256i;
  static Floats broadcast(float value) { return _mm256_set1_ps(value); }
  static Integers broadcast(std::int8_t value) { return _mm256_set1_epi8(value); }
  static Floats fma(Floats a, Floats b, Floats sum) { return _mm256_fmadd_ps(a, b, sum); }
  static Integers dot(Integers sum, Integers a, Integers b) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1)));
  }
};

// A register holds 64 channels of 4 filters: each product with the words of a pixel is one of 256 pairs.
constexpr int kPixels = 4;
constexpr double kTileMacs = kPixels * 256.0;
// A byte of a count grows by at most 8 a step.
constexpr std::int64_t kStepsPerByte = 31;

struct Planes {
  __m256i sign, mask;
};

struct Tile {
  Planes pixels[kPixels], filter;

  Tile() : filter{_mm256_set1_epi64x(5), _mm256_set1_epi64x(7)} {
    for (Planes& p : pixels) {
      p = {_mm256_set1_epi64x(3), _mm256_set1_epi64x(7)};
      renew(p.sign);
      renew(p.mask);
    }
  }
  inline __attribute__((always_inline)) void renew_filter() {
    renew(filter.sign);
    renew(filter.mask);
  }
};

/// The number of ones of each byte (Mula, "SSSE3: fast popcount").
inline __attribute__((always_inline)) __m256i popcount_bytes(__m256i v) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(15);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(v, nibble)),
                         _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble)));
}

/// Adds the bytes up into four 64-bit counts.
inline __attribute__((always_inline)) __m256i widened(__m256i counts, __m256i bytes) {
  return _mm256_add_epi64(counts, _mm256_sad_epu8(bytes, _mm256_setzero_si256()));
}

double bit_planes(std::int64_t steps) {
  Tile tile;
  __m256i both_count[kPixels] = {}, differ_count[kPixels] = {};
  for (std::int64_t step = 0; step < steps; step += kStepsPerByte) {
    __m256i both_bytes[kPixels] = {}, differ_bytes[kPixels] = {};
    for (std::int64_t i = 0; i < kStepsPerByte; ++i) {
      tile.renew_filter();
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) {
        const __m256i both = _mm256_and_si256(tile.pixels[p].mask, tile.filter.mask);
        const __m256i differ =
            _mm256_and_si256(both, _mm256_xor_si256(tile.pixels[p].sign, tile.filter.sign));
        both_bytes[p] = _mm256_add_epi8(both_bytes[p], popcount_bytes(both));
        differ_bytes[p] = _mm256_add_epi8(differ_bytes[p], popcount_bytes(differ));
      }
    }
    for (int p = 0; p < kPixels; ++p) {
      both_count[p] = widened(both_count[p], both_bytes[p]);
      differ_count[p] = widened(differ_count[p], differ_bytes[p]);
    }
  }
  for (int p = 0; p < kPixels; ++p) {
    renew(both_count[p]);
    renew(differ_count[p]);
  }
  return static_cast<double>((steps + kStepsPerByte - 1) / kStepsPerByte * kStepsPerByte) * kTileMacs;
}

/// Each step looks up the sums of 6 channels, 2 pixels and 128 filters (docs/packed_cpu.md).
double ternary(std::int64_t steps) {
  constexpr int kVectors = 4, kGroup = 3;
  __m256i both[kVectors] = {}, second[kVectors] = {}, weights = _mm256_set1_epi8(4);
  __m256i tables[kGroup] = {_mm256_set1_epi8(0x21), _mm256_set1_epi8(0x12), _mm256_set1_epi8(0x22)};
  for (std::int64_t step = 0; step < steps; ++step) {
    for (__m256i& table : tables) renew(table);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      renew(weights);
      const __m256i sums = _mm256_add_epi8(
          _mm256_add_epi8(_mm256_shuffle_epi8(tables[0], weights), _mm256_shuffle_epi8(tables[1], weights)),
          _mm256_shuffle_epi8(tables[2], weights));
      both[v] = _mm256_add_epi8(both[v], sums);
      second[v] = _mm256_add_epi8(second[v], _mm256_srli_epi16(sums, 4));
      renew(both[v]);
      renew(second[v]);
    }
  }
  return static_cast<double>(steps) * kVectors * 32 * kGroup * 2 * 2;
}

}  // namespace

const PeakLoops& avx2_peak_loops() {
  static constexpr PeakLoops loops{"avx2", fp32_fma<Lanes>, int8_dot<Lanes>, bit_planes, ternary};
  return loops;
}

}  // namespace tern::bench

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
