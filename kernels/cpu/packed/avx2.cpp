#include "tern/kernels/cpu/packed/lookup.h"
#include "tern/kernels/cpu/packed/pair_sums.h"
#include "tern/kernels/cpu/packed/targets.h"

#ifdef __x86_64__

#include <immintrin.h>

#include <cstring>
#include <type_traits>

// Only what follows is compiled for this instruction set; nothing of it is visible to other files.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#include "tern/kernels/cpu/packed/lookup_convolve.h"
#include "tern/kernels/cpu/packed/pair_sums_convolve.h"
#include "tern/kernels/cpu/packed/table.h"

namespace tern::packed {
namespace {

/// The numbers of the tables for the pixels of a strip, two and two, and a span of their windows.
class PixelPairs {
 public:
  static constexpr int kPixels = 32;

  PixelPairs(const ConvolutionShape& shape, const Strip& strip)
      : shape_(shape), strip_(strip), count_((strip.count + 1) / 2) {}

  void choose_tables(const Span& span) {
    if (span.first == chosen_) return;
    chosen_ = span.first;
    const int run = shape_.kernel_width * shape_.pairs();
    for (int pair = 0; pair < count_; pair += 2) {
      const std::uint64_t* windows[4];  // behind the last pixel, that one again
      for (int i = 0; i < 4; ++i) {
        windows[i] = strip_.windows[2 * pair + i < strip_.count ? 2 * pair + i : strip_.count - 1];
      }
      std::uint8_t *first = tables_[pair], *second = tables_[pair + 1];
      for (int word = span.first; word < span.last; ++word) {
        const std::ptrdiff_t at = word / run * strip_.row_words + std::ptrdiff_t{2} * (word % run);
        choose(windows[0] + at, windows[1] + at, windows[2] + at, windows[3] + at, first, second);
        const int steps = word_steps(shape_, word);
        first += steps, second += steps;
      }
      // What fills the span up: any table will do, since the weights there are 0.
      std::memset(first, 0, kGroup - 1);
      std::memset(second, 0, kGroup - 1);
    }
  }

  int count() const { return count_; }
  const std::uint8_t* tables(int pair) const { return tables_[pair]; }

 private:
  template <int kBits>
  static __m256i low_bits(__m256i a, __m256i b, __m256i mask) {
    return _mm256_or_si256(_mm256_and_si256(a, mask), _mm256_slli_epi64(_mm256_and_si256(b, mask), kBits));
  }
  template <int kBits>
  static __m256i high_bits(__m256i a, __m256i b, __m256i mask) {
    return _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi64(a, kBits), mask), _mm256_andnot_si256(mask, b));
  }
  static __m256i load_halves(const std::uint64_t* low, const std::uint64_t* high) {
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low))),
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(high)), 1);
  }
  static void store_halves(__m256i bytes, std::uint8_t* low, std::uint8_t* high) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(low), _mm256_castsi256_si128(bytes));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(high), _mm256_extracti128_si256(bytes, 1));
  }

  /// The 32 bytes of pixels a0, b0 and those of a1, b1, each a pair of words: bits are interleaved by ones
  /// and twos, then bytes.
  static void choose(const std::uint64_t* a0, const std::uint64_t* b0, const std::uint64_t* a1,
                     const std::uint64_t* b1, std::uint8_t* first, std::uint8_t* second) {
    const __m256i ones = _mm256_set1_epi8(0x55), twos = _mm256_set1_epi8(0x33);
    const __m256i a = load_halves(a0, a1), b = load_halves(b0, b1);
    const __m256i signs = _mm256_unpacklo_epi64(a, b), masks = _mm256_unpackhi_epi64(a, b);
    const __m256i even = low_bits<1>(signs, masks, ones), odd = high_bits<1>(signs, masks, ones);
    const __m256i pixel_a = _mm256_unpacklo_epi64(even, odd), pixel_b = _mm256_unpackhi_epi64(even, odd);
    // Byte i of a half: low has channels 8 i and 8 i + 4, high 8 i + 2 and 8 i + 6; byte 8 + i the next ones.
    const __m256i low = low_bits<2>(pixel_a, pixel_b, twos), high = high_bits<2>(pixel_a, pixel_b, twos);
    const __m256i evens = _mm256_unpacklo_epi8(low, high), odds = _mm256_unpackhi_epi8(low, high);
    store_halves(_mm256_unpacklo_epi16(evens, odds), first, second);
    store_halves(_mm256_unpackhi_epi16(evens, odds), first + 16, second + 16);
  }

  const ConvolutionShape& shape_;
  const Strip& strip_;
  int count_, chosen_ = -1;
  std::uint8_t tables_[kPixels / 2][kSpanWords * kWordSteps + kWordSteps];
};

/// From sums, modulo 256, of bytes l + 16 h, and of these bytes shifted down by 4 within words of 16 bits,
/// to the sums of l and those of h: nibbles that a word shifts into its low byte are those of the high one,
/// whose sum is known, so that nothing has to be masked before it is added up.
inline void separate(__m256i& both, __m256i& shifted) {
  const __m256i high = _mm256_set1_epi16(static_cast<short>(0xF000)), low = _mm256_set1_epi16(0x00F0);
  // Of high bytes l, of low bytes h, of low bytes l.
  both = _mm256_sub_epi8(both, _mm256_and_si256(_mm256_slli_epi16(shifted, 4), high));
  shifted = _mm256_sub_epi8(shifted, _mm256_and_si256(_mm256_srli_epi16(both, 4), low));
  both = _mm256_sub_epi8(both, _mm256_and_si256(_mm256_slli_epi16(shifted, 4), low));
}

/// Adds bytes to words: those of even number, then those of odd.
template <class Words>
inline void widen(__m256i bytes, Words* sums) {
  auto* to = reinterpret_cast<__m256i*>(sums);
  to[0] = _mm256_add_epi16(to[0], _mm256_and_si256(bytes, _mm256_set1_epi16(255)));
  to[1] = _mm256_add_epi16(to[1], _mm256_srli_epi16(bytes, 8));
}

/// Sums of a strip and kVectors vectors of filters.
template <int kVectors>
class VectorTotals : public StepTotals<PixelPairs::kPixels, kVectors * kVector / kLanes, kBias> {
 public:
  /// Adds `steps` steps, which are at most kChunk, of a pair of pixels.
  void add(int pair, const std::uint8_t* tables, const std::uint8_t* weights, std::ptrdiff_t block_bytes,
           int steps) {
    // As separate() has them.
    __m256i second[kVectors], both[kVectors];
    for (int v = 0; v < kVectors; ++v) second[v] = both[v] = _mm256_setzero_si256();
    for (const std::uint8_t* last = tables + steps; tables != last; tables += kGroup) {
      __m256i t[kGroup] = {table(tables[0]), table(tables[1]), table(tables[2])};
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        const auto* w = reinterpret_cast<const __m256i*>(weights + v * block_bytes);
        const __m256i sums =
            _mm256_add_epi8(_mm256_add_epi8(_mm256_shuffle_epi8(t[0], w[0]), _mm256_shuffle_epi8(t[1], w[1])),
                            _mm256_shuffle_epi8(t[2], w[2]));
        both[v] = _mm256_add_epi8(both[v], sums);
        second[v] = _mm256_add_epi8(second[v], _mm256_srli_epi16(sums, 4));
        // One vector of filters after the other: GCC would look up for all of them first, and spill
        // registers.
        __asm__("" : "+x"(t[0]), "+x"(t[1]), "+x"(t[2]), "+x"(both[v]), "+x"(second[v]));
      }
      weights += kGroup * kVector;
    }
    for (int v = 0; v < kVectors; ++v) {
      separate(both[v], second[v]);
      widen(both[v], this->sums(2 * pair) + v * kBlocks);
      widen(second[v], this->sums(2 * pair + 1) + v * kBlocks);
    }
  }

 private:
  static constexpr int kBlocks = kVector / kLanes;

  static __m256i table(std::uint8_t number) {
    return _mm256_broadcastsi128_si256(
        _mm_load_si128(reinterpret_cast<const __m128i*>(kLookupTables.of[number])));
  }
};

/// As pair_sums_convolve.h has it.
struct BytesOf32 {
  static constexpr int kLanes = 32, kBlocks = 1;
  using Bytes = typename VectorOf<std::uint8_t, kLanes>::Type;

  template <int kBits>
  static Bytes unpack_low(const Bytes& a, const Bytes& b) {
    const auto x = reinterpret_cast<__m256i>(a), y = reinterpret_cast<__m256i>(b);
    return reinterpret_cast<Bytes>(kBits == 8    ? _mm256_unpacklo_epi8(x, y)
                                   : kBits == 16 ? _mm256_unpacklo_epi16(x, y)
                                   : kBits == 32 ? _mm256_unpacklo_epi32(x, y)
                                                 : _mm256_unpacklo_epi64(x, y));
  }
  template <int kBits>
  static Bytes unpack_high(const Bytes& a, const Bytes& b) {
    const auto x = reinterpret_cast<__m256i>(a), y = reinterpret_cast<__m256i>(b);
    return reinterpret_cast<Bytes>(kBits == 8    ? _mm256_unpackhi_epi8(x, y)
                                   : kBits == 16 ? _mm256_unpackhi_epi16(x, y)
                                   : kBits == 32 ? _mm256_unpackhi_epi32(x, y)
                                                 : _mm256_unpackhi_epi64(x, y));
  }
};

struct Avx2 : LookedUpConvolution<Avx2> {
  using PixelPairs = packed::PixelPairs;
  template <int kVectors>
  using Totals = VectorTotals<kVectors>;
  static constexpr int kVector = packed::kVector, kChunk = packed::kChunk, kSpanWords = packed::kSpanWords;
  static constexpr int kStripPixels = PixelPairs::kPixels;
  static constexpr const PixelLanes* kPixelLanes = &pair_sums::k32Lanes;

  static Span span(const ConvolutionShape& shape, int word) { return lookup_span(shape, word); }
  static int window_steps(const ConvolutionShape& shape) { return lookup_steps(shape); }
  static std::size_t weight_words(const ConvolutionShape& shape) { return lookup_weight_words(shape); }
  static void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs,
                              std::uint64_t* words) {
    arrange_lookup_weights(shape, pairs, words);
  }

  template <class Sink>
  static void convolve_lanes(const ConvolutionShape& shape, const std::uint64_t* x,
                             const std::uint64_t* weights, int first_row, int last_row, const Sink& sink) {
    pair_sums_convolution::convolve<BytesOf32>(shape, x, weights, first_row, last_row, sink);
  }

  static unsigned at_least(const Floats<kLanes>& y, const Floats<kLanes>& x) {
    return static_cast<unsigned>(_mm256_movemask_ps(
        _mm256_cmp_ps(reinterpret_cast<__m256>(y), reinterpret_cast<__m256>(x), _CMP_GE_OQ)));
  }
};

constexpr Kernels kTable = make_kernels<Avx2>("avx2");

}  // namespace
}  // namespace tern::packed

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

namespace tern::packed {

const Kernels* avx2_kernels() {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx2") ? &kTable : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace tern::packed
