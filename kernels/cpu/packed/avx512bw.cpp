#include "tern/kernels/cpu/packed/byte_lanes.h"
#include "tern/kernels/cpu/packed/pair_sums.h"
#include "tern/kernels/cpu/packed/targets.h"

#ifdef __x86_64__

#include <immintrin.h>

#include <cstring>
#include <type_traits>

// Only what follows is compiled for these instruction sets; nothing of it is visible to other files.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl")
#endif

#define TERN_INLINE inline __attribute__((always_inline))

#include "tern/kernels/cpu/packed/pair_sums_convolve.h"
#include "tern/kernels/cpu/packed/table.h"

namespace tern::packed {
namespace {

constexpr int kSpanWords = 72;  // pairs of words whose activations a strip holds: 3x3x512 are one span

/// The activations under the windows of a strip, byte by byte (byte_lanes.h).
template <int kLaneBytes>
class Windows {
 public:
  static constexpr int kPixels = 24;

  Windows(const ConvolutionShape& shape, const ByteLanes& lanes, const Strip& strip)
      : shape_(shape), lanes_(lanes), strip_(strip) {}

  /// Spreads the span of pairs of words that `word` is in, unless it is there already; where it ends.
  int spread(int word) {
    const int first = word / kSpanWords * kSpanWords, end = first + kSpanWords;
    const int last = end < shape_.window_pairs() ? end : shape_.window_pairs();
    if (first == first_word_) return last;
    first_word_ = first;
    first_step_ = lanes_.step_of(first);
    const int run = shape_.kernel_width * shape_.pairs();
    for (int i = first; i < last; ++i) {
      const std::ptrdiff_t from = i / run * strip_.row_words + std::ptrdiff_t{2} * (i % run),
                           to = kStepBytes * (lanes_.step_of(i) - first_step_);
      for (int p = 0; p < strip_.count; ++p) spread_pair(strip_.windows[p] + from, bytes_[p] + to);
    }
    return last;
  }

  const std::uint8_t* step(int pixel, int step) const {
    return bytes_[pixel] + kStepBytes * (step - first_step_);
  }

 private:
  static constexpr std::ptrdiff_t kStepBytes = 8, kPairBytes = 64 / kLaneBytes;

  static void spread_pair(const std::uint64_t* from, std::uint8_t* to) {
    const __m128i pair = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    if constexpr (kLaneBytes == 1) {
      const __m512i places =
          _mm512_set_epi64(0x0F0F0F0F07070707, 0x0E0E0E0E06060606, 0x0D0D0D0D05050505, 0x0C0C0C0C04040404,
                           0x0B0B0B0B03030303, 0x0A0A0A0A02020202, 0x0909090901010101, 0x0808080800000000);
      _mm512_storeu_si512(to, _mm512_shuffle_epi8(_mm512_broadcast_i32x4(pair), places));
    } else if constexpr (kLaneBytes == 2) {
      const __m256i places =
          _mm256_set_epi64x(0x0F0E0F0E07060706, 0x0D0C0D0C05040504, 0x0B0A0B0A03020302, 0x0908090801000100);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                          _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(pair), places));
    } else {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi32(pair, _MM_SHUFFLE(3, 1, 2, 0)));
    }
  }

  const ConvolutionShape& shape_;
  const ByteLanes& lanes_;
  const Strip& strip_;
  int first_word_ = -1, first_step_ = 0;
  alignas(64) std::uint8_t bytes_[kPixels][kSpanWords * kPairBytes + kPairBytes];
};

/// Sums of 1 - product, which is 0, 1 or 2, of kPixels pixels and a vector of filters, bit by bit: planes of
/// ones, twos, fours and eights in every position, and what they carry out counted by bytes.
template <int kPixels>
class Counters {
 public:
  using Bits = __m512i[kPixels];

  static constexpr int kMaxSteps = 31 * 8;  // a byte counts at most 8 carries in 8 steps

  TERN_INLINE void count(const std::uint8_t* const (&x)[kPixels], const std::uint8_t* weights, int steps) {
    x_ = &x[0];
    weights_ = weights;
    Bits carry;
    int step = 0;
    for (; step + 8 <= steps; step += 8) {
      add<3>(step, carry);
      count_carries(carry);
    }
    // What is left carries out of the eights once at most.
    Bits last = {};
    if (steps & 4) add<2>(step, carry), step += 4, ripple<3>(carry, last);
    if (steps & 2) add<1>(step, carry), step += 2, ripple<2>(carry, last);
    if (steps & 1) add<0>(step, carry), ripple<1>(carry, last);
    if (steps % 8 != 0 && steps > 8) count_carries(last);
  }

  /// The sums of the low planes by bytes, at most 120, and the sixteens.
  TERN_INLINE __m512i low(int p) const {
    __m512i sum = popcount_bytes(planes_[3][p]);
    for (int i = 2; i >= 0; --i)
      sum = _mm512_add_epi8(_mm512_add_epi8(sum, sum), popcount_bytes(planes_[i][p]));
    return sum;
  }
  TERN_INLINE __m512i sixteens(int p) const { return sixteens_[p]; }

 private:
  static constexpr int kXorNand = 0x87;          // a ^ ~(b & c)
  static constexpr int kFirstWhereEqual = 0xD4;  // b == c ? a : b
  static constexpr int kXor = 0x96, kMajority = 0xE8;

  TERN_INLINE static __m512i word(const std::uint8_t* x) {
    int word;
    std::memcpy(&word, x, sizeof word);
    return _mm512_set1_epi32(word);
  }
  TERN_INLINE static __m512i popcount_bytes(__m512i v) {
    const __m512i nibble = _mm512_set1_epi8(15);
    const __m512i counts =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    return _mm512_add_epi8(_mm512_shuffle_epi8(counts, _mm512_and_si512(v, nibble)),
                           _mm512_shuffle_epi8(counts, _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble)));
  }
  TERN_INLINE void count_carries(const Bits& carry) {
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) sixteens_[p] = _mm512_add_epi8(sixteens_[p], popcount_bytes(carry[p]));
  }

  /// Adds 2^kLevel steps; what they carry out of plane kLevel.
  template <int kLevel>
  TERN_INLINE void add(int step, Bits& carry) {
    if constexpr (kLevel == 0) {
      __m512i sign = _mm512_loadu_si512(weights_ + 2 * kVectorBytes * step),
              mask = _mm512_loadu_si512(weights_ + 2 * kVectorBytes * step + kVectorBytes);
      __asm__("" : "+v"(sign), "+v"(mask));  // GCC would load them again for each pixel
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) {
        const std::uint8_t* x = x_[p] + 8 * step;
        const __m512i ones = planes_[0][p];
        planes_[0][p] = _mm512_ternarylogic_epi32(ones, mask, word(x + 4), kXorNand);
        carry[p] =
            _mm512_ternarylogic_epi32(_mm512_xor_si512(sign, word(x)), ones, planes_[0][p], kFirstWhereEqual);
      }
    } else {
      Bits other;
      add<kLevel - 1>(step, other);
      add<kLevel - 1>(step + (1 << (kLevel - 1)), carry);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) {
        const __m512i plane = planes_[kLevel][p];
        planes_[kLevel][p] = _mm512_ternarylogic_epi32(plane, other[p], carry[p], kXor);
        carry[p] = _mm512_ternarylogic_epi32(plane, other[p], carry[p], kMajority);
      }
    }
  }

  /// Adds a carry to plane kLevel and those above.
  template <int kLevel>
  TERN_INLINE void ripple(Bits& carry, Bits& last) {
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) {
      planes_[kLevel][p] = _mm512_xor_si512(planes_[kLevel][p], carry[p]);
      carry[p] = _mm512_andnot_si512(planes_[kLevel][p], carry[p]);
    }
    if constexpr (kLevel < 3) {
      ripple<kLevel + 1>(carry, last);
    } else {
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) last[p] = _mm512_or_si512(last[p], carry[p]);
    }
  }

  const std::uint8_t* const* x_;
  const std::uint8_t* weights_;
  Bits planes_[4] = {}, sixteens_ = {};
};

/// The sums of a pixel and a vector of filters, by sixteens.
template <int kLaneBytes>
struct Sums {
  static constexpr int kCount = 4 / kLaneBytes;

  /// Adds `positions` products, of which a byte of `low` and `sixteens` is what they are less than 1 each.
  TERN_INLINE void add(int positions, __m512i low, __m512i sixteens) {
    const __m512i all = _mm512_set1_epi32(positions);
    if constexpr (kLaneBytes == 1) {
      const __m512i byte = _mm512_set1_epi16(255);
      const __m512i even = _mm512_add_epi16(_mm512_and_si512(low, byte),
                                            _mm512_slli_epi16(_mm512_and_si512(sixteens, byte), 4)),
                    odd = _mm512_add_epi16(_mm512_srli_epi16(low, 8),
                                           _mm512_slli_epi16(_mm512_srli_epi16(sixteens, 8), 4));
      add_halves(all, even, 0);
      add_halves(all, odd, 2);
    } else {
      const __m512i halves = _mm512_add_epi16(_mm512_maddubs_epi16(low, _mm512_set1_epi8(1)),
                                              _mm512_maddubs_epi16(sixteens, _mm512_set1_epi8(16)));
      if constexpr (kLaneBytes == 2) {
        add_halves(all, halves, 0);
      } else {
        add_words(0, _mm512_sub_epi32(all, _mm512_madd_epi16(halves, _mm512_set1_epi16(1))));
      }
    }
  }

  Ints<16> of[kCount];

 private:
  TERN_INLINE void add_halves(__m512i all, __m512i halves, int at) {
    add_words(at, _mm512_sub_epi32(all, _mm512_and_si512(halves, _mm512_set1_epi32(0xFFFF))));
    add_words(at + 1, _mm512_sub_epi32(all, _mm512_srli_epi32(halves, 16)));
  }
  TERN_INLINE void add_words(int at, __m512i words) { of[at] += reinterpret_cast<Ints<16>>(words); }
};

/// As pair_sums_convolve.h has it.
struct BytesOf64 {
  static constexpr int kLanes = 64, kBlocks = 2;
  using Bytes = typename VectorOf<std::uint8_t, kLanes>::Type;

  template <int kBits>
  static Bytes unpack_low(const Bytes& a, const Bytes& b) {
    const auto x = reinterpret_cast<__m512i>(a), y = reinterpret_cast<__m512i>(b);
    return reinterpret_cast<Bytes>(kBits == 8    ? _mm512_unpacklo_epi8(x, y)
                                   : kBits == 16 ? _mm512_unpacklo_epi16(x, y)
                                   : kBits == 32 ? _mm512_unpacklo_epi32(x, y)
                                                 : _mm512_unpacklo_epi64(x, y));
  }
  template <int kBits>
  static Bytes unpack_high(const Bytes& a, const Bytes& b) {
    const auto x = reinterpret_cast<__m512i>(a), y = reinterpret_cast<__m512i>(b);
    return reinterpret_cast<Bytes>(kBits == 8    ? _mm512_unpackhi_epi8(x, y)
                                   : kBits == 16 ? _mm512_unpackhi_epi16(x, y)
                                   : kBits == 32 ? _mm512_unpackhi_epi32(x, y)
                                                 : _mm512_unpackhi_epi64(x, y));
  }
  static Bytes join(__m256i low, __m256i high) {
    return reinterpret_cast<Bytes>(_mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1));
  }
  static Ints<16> widen(__m128i low, __m128i high) {
    return reinterpret_cast<Ints<16>>(_mm512_cvtepi16_epi32(_mm256_set_m128i(high, low)));
  }
};

struct Avx512bw {
  static constexpr int kStripPixels = Windows<1>::kPixels;
  static constexpr const PixelLanes* kPixelLanes = &pair_sums::k64Lanes;

  static std::size_t weight_words(const ConvolutionShape& shape) { return byte_lane_weight_words(shape); }
  static void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs,
                              std::uint64_t* words) {
    arrange_byte_lane_weights(shape, pairs, words);
  }

  template <class Sink>
  static void convolve_strip(const ConvolutionShape& shape, const Strip& strip, const std::uint64_t* weights,
                             const Sink& sink) {
    const ByteLanes lanes(shape);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(weights);
    switch (lanes.lane_bytes) {
      case 1:
        return convolve<1>(shape, lanes, strip, bytes, sink);
      case 2:
        return convolve<2>(shape, lanes, strip, bytes, sink);
      default:
        return convolve<4>(shape, lanes, strip, bytes, sink);
    }
  }

  template <class Sink>
  static void convolve_lanes(const ConvolutionShape& shape, const std::uint64_t* x,
                             const std::uint64_t* weights, int first_row, int last_row, const Sink& sink) {
    pair_sums_convolution::convolve<BytesOf64>(shape, x, weights, first_row, last_row, sink);
  }

  static unsigned at_least(const Floats<8>& y, const Floats<8>& x) {
    return _mm256_cmp_ps_mask(reinterpret_cast<__m256>(y), reinterpret_cast<__m256>(x), _CMP_GE_OQ);
  }
  static unsigned at_least(const Floats<16>& y, const Floats<16>& x) {
    return _mm512_cmp_ps_mask(reinterpret_cast<__m512>(y), reinterpret_cast<__m512>(x), _CMP_GE_OQ);
  }

 private:
  static constexpr int kTile = 3;

  template <int kLaneBytes, class Sink>
  static void convolve(const ConvolutionShape& shape, const ByteLanes& lanes, const Strip& strip,
                       const std::uint8_t* weights, const Sink& sink) {
    Windows<kLaneBytes> windows(shape, lanes, strip);
    // As in convolve.h, a share of the next filters' weights is fetched with each tile.
    const std::ptrdiff_t share = lanes.vector_bytes() / (strip.count / kTile + 1);
    for (int vector = 0; vector < lanes.vectors; ++vector, weights += lanes.vector_bytes()) {
      const int block = vector * lanes.vector_filters() / kLanes;
      const std::uint8_t* next = weights + lanes.vector_bytes();
      int pixel = 0;
      for (; pixel + kTile <= strip.count; pixel += kTile, next += share) {
        fetch(reinterpret_cast<const std::uint64_t*>(next), share / 8);
        convolve_tile<kTile>(shape, lanes, strip, windows, weights, pixel, block, sink);
      }
      for (; pixel < strip.count; ++pixel)
        convolve_tile<1>(shape, lanes, strip, windows, weights, pixel, block, sink);
    }
  }

  /// kPixels pixels from `pixel` on and the vector of filters that begins with block `block`, to the sink.
  template <int kPixels, int kLaneBytes, class Sink>
  static void convolve_tile(const ConvolutionShape& shape, const ByteLanes& lanes, const Strip& strip,
                            Windows<kLaneBytes>& windows, const std::uint8_t* weights, int pixel, int block,
                            const Sink& sink) {
    const Strip::KernelRows rows = strip.kernel_rows(shape, pixel, kPixels);
    const int run = shape.kernel_width * shape.pairs(), last = rows.last * run;
    Sums<kLaneBytes> sums[kPixels] = {};
    for (int word = rows.first * run; word < last;) {
      const int held = windows.spread(word);
      const int end = held < last ? held : last;
      add_steps(windows, weights, pixel, lanes.step_of(word), lanes.step_of(end), sums);
      word = end;
    }
    for (int i = 0; i < Sums<kLaneBytes>::kCount; ++i, block += 2) {
      const int blocks = shape.filter_blocks() - block;
      if (blocks > 1) give<2>(strip, pixel, block, i, sums, sink);
      if (blocks == 1) give<1>(strip, pixel, block, i, sums, sink);
    }
  }

  /// Steps [step, end) of the windows that are spread.
  template <int kLaneBytes, int kPixels>
  static void add_steps(const Windows<kLaneBytes>& windows, const std::uint8_t* weights, int pixel, int step,
                        int end, Sums<kLaneBytes> (&sums)[kPixels]) {
    using Tile = Counters<kPixels>;
    while (step < end) {
      const int steps = end - step < Tile::kMaxSteps ? end - step : Tile::kMaxSteps;
      const std::uint8_t* x[kPixels];
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) x[p] = windows.step(pixel + p, step);
      Tile tile;
      tile.count(x, weights + std::ptrdiff_t{2} * kVectorBytes * step, steps);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) sums[p].add(8 * kLaneBytes * steps, tile.low(p), tile.sixteens(p));
      step += steps;
    }
  }

  template <int kBlocks, int kPixels, int kLaneBytes, class Sink>
  static void give(const Strip& strip, int pixel, int block, int i, const Sums<kLaneBytes> (&sums)[kPixels],
                   const Sink& sink) {
    Ints<kLanes * kBlocks> z[kPixels];
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) std::memcpy(&z[p], &sums[p].of[i], sizeof z[p]);
    sink.template take<kPixels, kBlocks>(strip, pixel, block, z);
  }
};

constexpr Kernels kTable = make_kernels<Avx512bw>("avx512bw");

}  // namespace
}  // namespace tern::packed

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

namespace tern::packed {

const Kernels* avx512bw_kernels() {
#ifdef __x86_64__
  const bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return runs ? &kTable : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace tern::packed
