#include "tern/kernels/cpu/packed/targets.h"

#ifdef __aarch64__

#include <arm_neon.h>

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

/// Steps whose sums fit 16 bits.
constexpr int kMaxSteps = 65535 / (2 * triples::kBias);

/// Sums of a strip and kVectors vectors of filters: in 16 bits, with kBias in every step, as long as they
/// fit.
template <int kVectors>
class Totals {
 public:
  void begin_span(int steps) {
    if (steps_ + steps > kMaxSteps) carry();
    steps_ += steps;
  }

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
      widen(vsubq_u8(both[v], vshlq_n_u8(second[v], 4)), sums_[2 * pair][v]);
      widen(second[v], sums_[2 * pair + 1][v]);
    }
  }

  /// The sums of a pixel and a block of 8 filters.
  Ints<kLanes> block(int pixel, int block) const {
    const auto sums = load<typename VectorOf<std::uint16_t, kLanes>::Type>(&sums_[pixel][0][0] + block);
    return __builtin_convertvector(sums, Ints<kLanes>) - triples::kBias * steps_ +
           (carried_ ? earlier_[pixel][block] : Ints<kLanes>{});
  }

 private:
  static constexpr int kBlocks = kVector / kLanes;

  void carry() {
    for (int pixel = 0; pixel < PixelPairs::kPixels; ++pixel) {
      for (int i = 0; i < kVectors * kBlocks; ++i) earlier_[pixel][i] = block(pixel, i);
    }
    std::memset(sums_, 0, sizeof sums_);
    steps_ = 0;
    carried_ = true;
  }

  static uint8x16x2_t table(int number) {
    return vld1q_u8_x2(triples::kTables.of[number]);
  }

  static void widen(uint8x16_t bytes, uint16x8_t (&sums)[kBlocks]) {
    sums[0] = vaddw_u8(sums[0], vget_low_u8(bytes));
    sums[1] = vaddw_high_u8(sums[1], bytes);
  }

  uint16x8_t sums_[PixelPairs::kPixels][kVectors][kBlocks] = {};
  int steps_ = 0;
  bool carried_ = false;
  Ints<kLanes> earlier_[PixelPairs::kPixels][kVectors * kBlocks];  // of steps that are in sums_ no more
};

struct Neon {
  static constexpr int kStripPixels = PixelPairs::kPixels;
  static constexpr std::nullptr_t kPixelLanes = nullptr;

  static std::size_t weight_words(const ConvolutionShape& shape) { return triples::weight_words(shape); }
  static void arrange_weights(const ConvolutionShape& shape, const std::uint64_t* pairs,
                              std::uint64_t* words) {
    triples::arrange_weights(shape, pairs, words);
  }

  template <class Sink>
  static void convolve_strip(const ConvolutionShape& shape, const Strip& strip, const std::uint64_t* weights,
                             const Sink& sink) {
    PixelPairs pairs(shape, strip);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(weights);
    const int vectors = (shape.filters + kVector - 1) / kVector;
    int vector = 0;
    for (; vector + 4 <= vectors; vector += 4) convolve_vectors<4>(shape, strip, pairs, bytes, vector, sink);
    for (; vector + 2 <= vectors; vector += 2) convolve_vectors<2>(shape, strip, pairs, bytes, vector, sink);
    for (; vector < vectors; ++vector) convolve_vectors<1>(shape, strip, pairs, bytes, vector, sink);
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

 private:
  /// kVectors vectors of filters from `vector` on.
  template <int kVectors, class Sink>
  static void convolve_vectors(const ConvolutionShape& shape, const Strip& strip, PixelPairs& pairs,
                               const std::uint8_t* weights, int vector, const Sink& sink) {
    const std::ptrdiff_t block_bytes = std::ptrdiff_t{triples::window_steps(shape)} * kVector;
    weights += vector * block_bytes;
    Totals<kVectors> totals;
    for (int word = 0; word < shape.window_pairs(); word += triples::kSpanWords) {
      const Span span(shape, word);
      pairs.choose_tables(span);
      totals.begin_span(span.steps);
      for (int step = 0; step < span.steps; step += triples::kChunk) {
        const int steps = span.steps - step < triples::kChunk ? span.steps - step : triples::kChunk;
        for (int pair = 0; pair < pairs.count(); ++pair) {
          totals.add(pair, pairs.tables(pair) + step, weights, block_bytes, steps);
        }
        weights += steps * kVector;
      }
    }
    const int first_block = vector * (kVector / kLanes), left = shape.filter_blocks() - first_block;
    for (int block = 0; block < kVectors * (kVector / kLanes) && block < left; ++block) {
      int pixel = 0;
      for (; pixel + 4 <= strip.count; pixel += 4) give<4>(strip, pixel, first_block, block, totals, sink);
      for (; pixel < strip.count; ++pixel) give<1>(strip, pixel, first_block, block, totals, sink);
    }
  }

  /// Block `block` of the totals, whose first one is `first_block` of the filters.
  template <int kPixels, class AllTotals, class Sink>
  static void give(const Strip& strip, int pixel, int first_block, int block, const AllTotals& totals,
                   const Sink& sink) {
    Ints<kLanes> sums[kPixels];
    for (int p = 0; p < kPixels; ++p) sums[p] = totals.block(pixel + p, block);
    sink.template take<kPixels, 1>(strip, pixel, first_block + block, sums);
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
