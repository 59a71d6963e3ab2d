// Pixels in the lanes (pixel_lanes.h) by AVX-512 with BITALG, for avx512.cpp alone, which says for which
// target.
#pragma once

#ifdef TERN_AVX512_TARGET

#include <immintrin.h>

#include "tern/kernels/cpu/packed/pixel_lanes.h"
#include "tern/kernels/cpu/packed/strip.h"

namespace tern::packed {
namespace {
namespace avx512_pixels {

/// The windows of a strip, step by step: the sign words of all pixels, then their mask words.
class Windows {
 public:
  Windows(const ConvolutionShape& shape, const std::uint64_t* x, const PixelStrip& strip)
      : rows_(strip.kernel_rows(shape, 0, strip.count)),
        words_(lane_words(shape)),
        kernel_width_(shape.kernel_width),
        stride_(shape.stride_width) {
    // Pixels of a row of the output are copied together.
    const std::ptrdiff_t row_words = shape.row_words();
    int column = strip.first % strip.width, row = strip.first / strip.width;
    x = first_window(shape, x) + rows_.first * row_words;
    for (int pixel = 0, run = 0; pixel < strip.count; pixel += run, column = 0, ++row) {
      const int left = strip.count - pixel;
      run = strip.width - column < left ? strip.width - column : left;
      const std::uint64_t* from =
          x + row * shape.stride_height * row_words + std::ptrdiff_t{2} * column * stride_;
      // Rows are read a while after they were written: a load from several stores must wait for the last.
      for (int i = 0; i < rows_.last - rows_.first; ++i) {
        split(from + i * row_words, (run - 1) * stride_ + kernel_width_, split_ + i * words_);
      }
      __m512i* to = steps_;
      for (int i = 0; i < rows_.last - rows_.first; ++i) {
        to = stride_ == 1 ? copy_taps<1>(split_ + i * words_, pixel, run, to)
                          : copy_taps<2>(split_ + i * words_, pixel, run, to);
      }
    }
  }

  int first_step() const { return rows_.first * kernel_width_ * words_; }
  int count() const { return (rows_.last - rows_.first) * kernel_width_ * words_; }
  const __m512i* steps() const { return steps_; }

 private:
  static constexpr int kAtOnce = 8;  // pixels
  static constexpr int kRowPixels = (kLanePixels - 1) * kMaxLaneStride + kMaxLaneKernel + 2;
  static_assert(kRowPixels % kAtOnce == 0 && kRowPixels >= kMaxLaneStride * kLanePixels + kMaxLaneKernel);

  /// One word of each pixel of a row.
  struct WordRow {
    std::uint16_t signs[kRowPixels], masks[kRowPixels];
  };

  /// A row of `count` pixels, each a pair of words of 64 bits, into words of 16.
  void split(const std::uint64_t* pixels, int count, WordRow* rows) const {
    int at = 0;
    for (; at + kAtOnce <= count; at += kAtOnce, pixels += 2 * kAtOnce) {
      split_eight(_mm512_loadu_si512(pixels), _mm512_loadu_si512(pixels + 8), at, rows);
    }
    if (at == count) return;
    const int words = 2 * (count - at);  // nothing is read behind them
    split_eight(_mm512_maskz_loadu_epi64(lowest<__mmask8>(words), pixels),
                _mm512_maskz_loadu_epi64(lowest<__mmask8>(words - 8), pixels + 8), at, rows);
  }

  void split_eight(__m512i a, __m512i b, int at, WordRow* rows) const {
    // Sign words of eight pixels, their mask words, those of the second word.
    alignas(64) static constexpr std::uint16_t kFirst[32] = {0,  8,  16, 24, 32, 40, 48, 56, 4,  12, 20,
                                                             28, 36, 44, 52, 60, 1,  9,  17, 25, 33, 41,
                                                             49, 57, 5,  13, 21, 29, 37, 45, 53, 61};
    const __m512i first = _mm512_load_si512(kFirst), two = _mm512_permutex2var_epi16(a, first, b);
    store_part<0>(two, &rows[0].signs[at]), store_part<1>(two, &rows[0].masks[at]);
    if (words_ > 1) store_part<2>(two, &rows[1].signs[at]), store_part<3>(two, &rows[1].masks[at]);
    if (words_ > 2) {
      const __m512i third = _mm512_add_epi16(first, _mm512_set1_epi16(2)),
                    last = _mm512_permutex2var_epi16(a, third, b);
      store_part<0>(last, &rows[2].signs[at]), store_part<1>(last, &rows[2].masks[at]);
    }
  }

  /// Of such rows all steps, for lanes [lane, lane + run).
  template <int kStride>
  __m512i* copy_taps(const WordRow* rows, int lane, int run, __m512i* to) const {
    for (int tap = 0; tap < kernel_width_; ++tap) {
      for (int word = 0; word < words_; ++word, to += 2) {
        auto* step = reinterpret_cast<std::uint16_t*>(to) + lane;
        store_lanes(pixels<kStride>(rows[word].signs + tap), run, step);
        store_lanes(pixels<kStride>(rows[word].masks + tap), run, step + kLanePixels);
      }
    }
    return to;
  }

  /// The first `run` lanes. What a masked store wrote can be loaded only when it has left for the cache.
  static void store_lanes(const __m512i& all, int run, std::uint16_t* to) {
    if (run == kLanePixels) {
      _mm512_storeu_si512(to, all);
    } else if (run == kLanePixels / 2) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(all));
    } else {
      _mm512_mask_storeu_epi16(to, lowest<__mmask32>(run), all);
    }
  }

  template <int kStride>
  static __m512i pixels(const std::uint16_t* row) {
    const __m512i first = _mm512_loadu_si512(row);
    if constexpr (kStride == 1) return first;
    const __m512i pairs = _mm512_loadu_si512(row + kLanePixels);
    // Of each pair the low word; vectors are taken by halves of a line.
    return _mm512_permutex2var_epi64(_mm512_zextsi256_si512(_mm512_cvtepi32_epi16(first)),
                                     _mm512_setr_epi64(0, 1, 2, 3, 8, 9, 10, 11),
                                     _mm512_zextsi256_si512(_mm512_cvtepi32_epi16(pairs)));
  }

  template <class Mask>
  static Mask lowest(int count) {
    return count >= static_cast<int>(8 * sizeof(Mask)) ? static_cast<Mask>(-1)
           : count <= 0                                ? Mask{0}
                                                       : static_cast<Mask>((1U << count) - 1);
  }

  template <int kPart>
  static void store_part(const __m512i& all, std::uint16_t* to) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_extracti32x4_epi32(all, kPart));
  }

  Strip::KernelRows rows_;
  int words_, kernel_width_, stride_;
  WordRow split_[kMaxLaneSteps];
  __m512i steps_[2 * kMaxLaneSteps];
};

/// Sums of eight filters and all pixels, pixel by pixel.
class Sums {
 public:
  /// The carry-save step of avx512.cpp, in words of 16 bits.
  void count(const Windows& windows, const std::uint64_t* weights) {
    __m512i ones[kLanes], carries[kLanes];
#pragma GCC unroll 8
    for (int f = 0; f < kLanes; ++f) ones[f] = carries[f] = _mm512_setzero_si512();
    const __m512i *x = windows.steps(), *last = x + 2 * windows.count();
    const auto* w = reinterpret_cast<const std::int32_t*>(weights + windows.first_step() * kLanes);
    for (; x != last; x += 2, w += 2 * kLanes) {
      const __m512i sign = x[0], mask = x[1];
#pragma GCC unroll 8
      for (int f = 0; f < kLanes; ++f) {
        __m512i carry = _mm512_xor_si512(sign, _mm512_set1_epi32(w[2 * f])), before;
        // a ^ ~(b & c) in place, and one copy of what was there: GCC would copy all counters at each turn.
        __asm__("vmovdqa64 %1, %0" : "=v"(before) : "v"(ones[f]));
        __asm__("vpternlogd $0x87, %2%{1to16%}, %1, %0" : "+v"(ones[f]) : "v"(mask), "m"(w[2 * f + 1]));
        carry = _mm512_ternarylogic_epi32(carry, before, ones[f], 0xD4);
        __asm__("vpaddw %1, %0, %0" : "+v"(carries[f]) : "v"(_mm512_popcnt_epi16(carry)));
      }
    }
    const __m512i positions = _mm512_set1_epi16(static_cast<short>(kLaneChannels * windows.count()));
    __m512i sums[kLanes];
#pragma GCC unroll 8
    for (int f = 0; f < kLanes; ++f) {
      sums[f] = _mm512_sub_epi16(_mm512_sub_epi16(positions, _mm512_popcnt_epi16(ones[f])),
                                 _mm512_add_epi16(carries[f], carries[f]));
    }
    transpose(sums);
  }

  const __m128i& of(int pixel) const {
    return pixels_[pixel % 8][pixel / 8];
  }

 private:
  /// Eight filters of pixels 8 i to 8 i + 7, for each part i of a vector.
  void transpose(const __m512i (&filters)[kLanes]) {
    __m512i twos[8], fours[8];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      twos[i] = _mm512_unpacklo_epi16(filters[2 * i], filters[2 * i + 1]);      // pixels 0 to 3
      twos[i + 4] = _mm512_unpackhi_epi16(filters[2 * i], filters[2 * i + 1]);  // 4 to 7
    }
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2) {
      // Filters 0 to 3 (i % 4 == 0) or 4 to 7, pixels 0 and 1 or 4 and 5, then 2 and 3 or 6 and 7.
      fours[i] = _mm512_unpacklo_epi32(twos[i], twos[i + 1]);
      fours[i + 1] = _mm512_unpackhi_epi32(twos[i], twos[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const int at = i / 2 * 4 + i % 2;
      const __m512i even = _mm512_unpacklo_epi64(fours[at], fours[at + 2]),
                    odd = _mm512_unpackhi_epi64(fours[at], fours[at + 2]);
      _mm512_store_si512(pixels_[2 * i], even);
      _mm512_store_si512(pixels_[2 * i + 1], odd);
    }
  }

  alignas(64) __m128i pixels_[8][kLanePixels / 8];
};

template <int kPixels, class Sink>
inline void give(const PixelStrip& strip, int first, int block, const Sums& sums, const Sink& sink) {
  Ints<kLanes> z[kPixels];
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p)
    z[p] = reinterpret_cast<Ints<kLanes>>(_mm256_cvtepi16_epi32(sums.of(first + p)));
  sink.template take<kPixels, 1>(strip, first, block, z);
}

template <int kPixels, class Sink>
inline void give(const PixelStrip& strip, int first, int block, const Sums& low, const Sums& high,
                 const Sink& sink) {
  Ints<2 * kLanes> z[kPixels];
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p) {
    const __m256i both = _mm256_set_m128i(high.of(first + p), low.of(first + p));
    z[p] = reinterpret_cast<Ints<2 * kLanes>>(_mm512_cvtepi16_epi32(both));
  }
  sink.template take<kPixels, 2>(strip, first, block, z);
}

template <class Sink, class... AllSums>
inline void give_strip(const PixelStrip& strip, int block, const Sink& sink, const AllSums&... sums) {
  int first = 0;
  for (; first + 4 <= strip.count; first += 4) give<4>(strip, first, block, sums..., sink);
  for (; first < strip.count; ++first) give<1>(strip, first, block, sums..., sink);
}

template <class Sink>
void convolve_strip(const ConvolutionShape& shape, const std::uint64_t* x, const PixelStrip& strip,
                    const std::uint64_t* weights, const Sink& sink) {
  const Windows windows(shape, x, strip);
  const std::ptrdiff_t block_words = std::ptrdiff_t{lane_steps(shape)} * kLanes;
  const int blocks = shape.filter_blocks();
  Sums low, high;
  for (int block = 0; block < blocks; block += 2, weights += 2 * block_words) {
    low.count(windows, weights);
    if (block + 1 == blocks) return give_strip(strip, block, sink, low);
    high.count(windows, weights + block_words);
    give_strip(strip, block, sink, low, high);
  }
}

/// Rows [first_row, last_row) of the output.
template <class Sink>
void convolve(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
              int first_row, int last_row, Sink sink) {
  const int width = shape.output_width(), last = last_row * width;
  for (int first = first_row * width; first < last; first += kLanePixels) {
    const PixelStrip strip{first, last - first < kLanePixels ? last - first : kLanePixels, width};
    sink.begin(strip);
    convolve_strip(shape, x, strip, weights, sink);
  }
}

}  // namespace avx512_pixels
}  // namespace
}  // namespace tern::packed

#endif
