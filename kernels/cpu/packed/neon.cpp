#include "tern/kernels/cpu/packed/targets.h"

#ifdef __aarch64__

#include <arm_neon.h>

#include "tern/kernels/cpu/packed/lookup_convolve.h"
#include "tern/kernels/cpu/packed/table.h"
#include "tern/kernels/cpu/packed/triples.h"

namespace tern::packed {
namespace {

using triples::kVector;
using triples::Span;
using triples::WordSteps;

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
    for (int pair = 0; pair < count_; ++pair) {
      const std::uint64_t* a = strip_.windows[2 * pair];
      const std::uint64_t* b = 2 * pair + 1 < strip_.count ? strip_.windows[2 * pair + 1] : a;
      std::uint16_t* to = tables_[pair];
      for (int word = span.first; word < span.last; ++word) {
        const std::ptrdiff_t at = word / run * strip_.row_words + std::ptrdiff_t{2} * (word % run);
        const WordSteps steps(shape_, word);
        choose(a + at, b + at, steps, to);
        to += steps.count();
      }
      *to = 0;  // of what fills the span up: any table will do, since the weights there are 0
    }
  }

  int count() const { return count_; }
  const std::uint16_t* tables(int pair) const { return tables_[pair]; }

 private:
  static constexpr int kWordSteps = 22, kStored = 24;  // choose() stores more than a word has

  static uint8x16_t cases(uint8x16_t bits) {
    return vqtbl4q_u8(vld1q_u8_x4(triples::kActivationCases.of), bits);
  }
  static uint16x8_t numbers(uint8x8_t a, uint8x8_t b) {
    return vmlal_u8(vmovl_u8(a), b, vdup_n_u8(triples::kCases));
  }

  /// The bits of the steps of what is left, in the low half.
  static uint64x2_t bits_left(uint8x16_t codes, const WordSteps& steps) {
    const uint8x16_t left = vshrq_n_u8(codes, 6), next = vdupq_n_u8(static_cast<std::uint8_t>(steps.rest));
    const uint8x16_t second = vaddq_u8(uint8x16_t{0, 1, 2, 3, 4, 5, 6, 7}, next),
                     third = vaddq_u8(second, next);
    const uint8x16_t two = vsliq_n_u8(left, vqtbl1q_u8(left, second), 2);
    return vreinterpretq_u64_u8(vsliq_n_u8(two, vqtbl1q_u8(left, third), 4));
  }

  /// The numbers for a pair of words of each of two pixels: signs and masks become codes of two bits, and
  /// eight channels two bytes, of the even and of the odd ones.
  static void choose(const std::uint64_t* a, const std::uint64_t* b, const WordSteps& steps,
                     std::uint16_t* to) {
    const uint64x2_t words_a = vld1q_u64(a), words_b = vld1q_u64(b);
    const uint8x16_t signs = vreinterpretq_u8_u64(vzip1q_u64(words_a, words_b)),
                     masks = vreinterpretq_u8_u64(vzip2q_u64(words_a, words_b));
    const uint8x16_t ones = vdupq_n_u8(0x55), three_codes = vdupq_n_u8(0x3F);
    const uint8x16_t even = vbslq_u8(ones, signs, vshlq_n_u8(masks, 1)),
                     odd = vbslq_u8(ones, vshrq_n_u8(signs, 1), masks);
    const uint8x16_t codes_a = vzip1q_u8(even, odd), codes_b = vzip2q_u8(even, odd);
    const uint8x16_t whole_a = cases(vandq_u8(codes_a, three_codes)),
                     whole_b = cases(vandq_u8(codes_b, three_codes));
    vst1q_u16(to, numbers(vget_low_u8(whole_a), vget_low_u8(whole_b)));
    vst1q_u16(to + 8, numbers(vget_high_u8(whole_a), vget_high_u8(whole_b)));
    const uint8x16_t rest =
        cases(vreinterpretq_u8_u64(vzip1q_u64(bits_left(codes_a, steps), bits_left(codes_b, steps))));
    vst1q_u16(to + steps.whole, numbers(vget_low_u8(rest), vget_high_u8(rest)));
  }

  const ConvolutionShape& shape_;
  const Strip& strip_;
  int count_, chosen_ = -1;
  std::uint16_t tables_[kPixels / 2][triples::kSpanWords * kWordSteps + kStored];
};

/// Sums of a strip and kVectors vectors of filters.
template <int kVectors>
class VectorTotals : public StepTotals<PixelPairs::kPixels, kVectors * kVector / kLanes, triples::kBias> {
 public:
  /// Adds `steps` steps, which are at most kChunk, of a pair of pixels.
  void add(int pair, const std::uint16_t* tables, const std::uint8_t* weights, std::ptrdiff_t block_bytes,
           int steps) {
    // Bytes: the sums of the second pixel, and those of both pixels, modulo 256.
    uint8x16_t second[kVectors], both[kVectors];
    for (int v = 0; v < kVectors; ++v) second[v] = both[v] = vdupq_n_u8(0);
    for (const std::uint16_t* last = tables + steps; tables != last; tables += triples::kGroup) {
      const uint8x16x2_t first_table = table(tables[0]), next_table = table(tables[1]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        const std::uint8_t* w = weights + v * block_bytes;
        const uint8x16_t sums =
            vaddq_u8(vqtbl2q_u8(first_table, vld1q_u8(w)), vqtbl2q_u8(next_table, vld1q_u8(w + kVector)));
        both[v] = vaddq_u8(both[v], sums);
        second[v] = vsraq_n_u8(second[v], sums, 4);
      }
      weights += triples::kGroup * kVector;
    }
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      widen(vsubq_u8(both[v], vshlq_n_u8(second[v], 4)), this->sums(2 * pair) + v * kBlocks);
      widen(second[v], this->sums(2 * pair + 1) + v * kBlocks);
    }
  }

 private:
  static constexpr int kBlocks = kVector / kLanes;

  static uint8x16x2_t table(int number) {
    return vld1q_u8_x2(triples::kTables.of[number]);
  }

  template <class Words>
  static void widen(uint8x16_t bytes, Words* sums) {
    auto* words = reinterpret_cast<std::uint16_t*>(sums);
    vst1q_u16(words, vaddw_u8(vld1q_u16(words), vget_low_u8(bytes)));
    vst1q_u16(words + kLanes, vaddw_high_u8(vld1q_u16(words + kLanes), bytes));
  }
};

struct Neon : LookedUpConvolution<Neon> {
  using PixelPairs = packed::PixelPairs;
  template <int kVectors>
  using Totals = VectorTotals<kVectors>;
  static constexpr int kVector = triples::kVector, kChunk = triples::kChunk, kSpanWords = triples::kSpanWords;
  static constexpr int kStripPixels = PixelPairs::kPixels;
  static constexpr std::nullptr_t kPixelLanes = nullptr;

  static Span span(const ConvolutionShape& shape, int word) { return {shape, word}; }
  static int window_steps(const ConvolutionShape& shape) { return triples::window_steps(shape); }
  static std::size_t weight_words(const ConvolutionShape& shape) { return triples::weight_words(shape); }
  static void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs,
                              std::uint64_t* words) {
    triples::arrange_weights(shape, pairs, words);
  }

  static unsigned at_least(const Floats<kLanes>& y, const Floats<kLanes>& x) {
    const std::uint32_t bits[kLanes] = {1, 2, 4, 8, 16, 32, 64, 128};
    float a[kLanes], b[kLanes];
    std::memcpy(a, &y, sizeof a);
    std::memcpy(b, &x, sizeof b);
    const uint32x4_t low = vandq_u32(vcgeq_f32(vld1q_f32(a), vld1q_f32(b)), vld1q_u32(bits));
    const uint32x4_t high = vandq_u32(vcgeq_f32(vld1q_f32(a + 4), vld1q_f32(b + 4)), vld1q_u32(bits + 4));
    return vaddvq_u32(vorrq_u32(low, high));
  }
};

constexpr Kernels kTable = make_kernels<Neon>("neon");

}  // namespace
}  // namespace tern::packed

#endif

namespace tern::packed {

const Kernels* neon_kernels() {
#ifdef __aarch64__
  return &kTable;
#else
  return nullptr;
#endif
}

}  // namespace tern::packed
