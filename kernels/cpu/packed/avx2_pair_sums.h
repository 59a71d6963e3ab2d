// The convolution by sums of two channels (pair_sums.h) by AVX2, for avx2.cpp alone, which says for which
// target.
#pragma once

#include <immintrin.h>

#include "tern/kernels/cpu/packed/pair_sums.h"
#include "tern/kernels/cpu/packed/strip.h"

namespace tern::packed {
namespace {
namespace avx2_pair_sums {

using pair_sums::kPairs;
using pair_sums::Tiling;

inline __m256i bytes_of(int value) {
  return _mm256_set1_epi8(static_cast<char>(value));
}

inline __m256i load(const std::uint8_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}

/// A run of a tile by its first output pixel.
struct Run {
  int row, column;
};

/// The activations under a tile, byte by byte: two pixels' two channels.
class TileCodes {
 public:
  TileCodes(const ConvolutionShape& shape, const Tiling& tiling)
      : shape_(shape),
        tiling_(tiling),
        side_by_side_(pair_sums::kLanes / tiling.columns),
        run_pixels_((tiling.columns - 1) * shape.stride_width + shape.kernel_width),
        pitch_((run_pixels_ + kAtOnce - 1) / kAtOnce * kAtOnce),
        row_bytes_(side_by_side_ * pitch_) {}

  /// Splits pair of words `word` of all pixels into bytes.
  void split(const std::uint64_t* x, const Run* runs, int word) {
    const int left = (shape_.channels - word * kWordChannels + 7) / 8, bytes = left < 8 ? left : 8;
    const int last_row = (shape_.output_height() - 1) * shape_.stride_height + shape_.kernel_height - 1;
    const std::ptrdiff_t pixel_words = std::ptrdiff_t{2} * shape_.pairs();
    x = first_window(shape_, x) + 2 * word;
    for (int k = 0; k < tiling_.tile_runs(); ++k) {
      const int outputs = shape_.output_width() - runs[k].column,
                pixels = (outputs - 1) * shape_.stride_width + shape_.kernel_width,
                count = pixels < run_pixels_ ? pixels : run_pixels_;
      const int first_row = runs[k].row * shape_.stride_height;
      for (int row = 0; row < tiling_.input_rows; ++row) {
        const int from = first_row + row < last_row ? first_row + row : last_row;
        split_row(x + from * shape_.row_words() + runs[k].column * shape_.stride_width * pixel_words,
                  pixel_words, count, bytes, k / side_by_side_,
                  row * row_bytes_ + k % side_by_side_ * pitch_);
      }
    }
  }

  /// Makes the codes of byte `byte` of the word that was split.
  void encode(int byte) {
    const __m256i low = bytes_of(15), negative = bytes_of(0xAA);
    for (int at = 0; at < tiling_.input_rows * row_bytes_; at += pair_sums::kLanes) {
      __m256i even[2], odd[2];
      for (int half = 0; half < 2; ++half) interleave(planes_[byte][half], at, even[half], odd[half]);
      const __m256i codes[kPairs] = {low_nibbles(even[0], even[1], low), high_nibbles(even[0], even[1], low),
                                     low_nibbles(odd[0], odd[1], low), high_nibbles(odd[0], odd[1], low)};
      for (int pair = 0; pair < kPairs; ++pair) {
        _mm256_store_si256(reinterpret_cast<__m256i*>(codes_[pair] + at),
                           _mm256_xor_si256(codes[pair], negative));
      }
    }
  }

  /// The codes that row `row` of the input and column `tap` of the kernel have for a vector of pixels: of the
  /// first channel, plus kBias, in bits 0, 1 and 4, 5 of a byte, of the second one in the others.
  __m256i of(int pair, int row, int tap) const {
    const std::uint8_t* from = codes_[pair] + row * row_bytes_ + tap;
    return shape_.stride_width == 1 ? neighbours(from) : every_other(from);
  }

 private:
  static constexpr int kAtOnce = 8;             // pixels that are split
  static constexpr int kMaxRowPixels = 24 * 4;  // of runs side by side, at most
  static constexpr int kMaxRows =
      (pair_sums::kMaxRunRows - 1) * pair_sums::kMaxStride + pair_sums::kMaxKernel;
  static constexpr int kPositions = kMaxRowPixels * kMaxRows + 2 * pair_sums::kLanes;

  /// Sign bytes, then mask bytes.
  using Planes = std::uint8_t[2][kPositions];

  void split_row(const std::uint64_t* pixels, std::ptrdiff_t step, int count, int bytes, int half, int at) {
    if (count < kAtOnce) {
      std::ptrdiff_t steps[kAtOnce];  // nothing is read behind the last pixel
      for (int i = 0; i < kAtOnce; ++i) steps[i] = (i < count ? i : count - 1) * step;
      return split_pixels(pixels, steps, bytes, half, at);
    }
    std::ptrdiff_t steps[kAtOnce];
    for (int i = 0; i < kAtOnce; ++i) steps[i] = i * step;
    for (int first = 0; first < count; first += kAtOnce) {
      const int from = first + kAtOnce < count ? first : count - kAtOnce;  // the last ones move back to fit
      split_pixels(pixels + from * step, steps, bytes, half, at + from);
    }
  }

  void split_pixels(const std::uint64_t* pixels, const std::ptrdiff_t (&steps)[kAtOnce], int bytes, int half,
                    int at) {
    __m128i words[kAtOnce], signs[kAtOnce / 2], masks[kAtOnce / 2];
    for (int i = 0; i < kAtOnce; ++i) {
      words[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels + steps[i]));
    }
    for (int i = 0; i < kAtOnce / 2; ++i) {
      signs[i] = _mm_unpacklo_epi8(words[2 * i], words[2 * i + 1]);
      masks[i] = _mm_unpackhi_epi8(words[2 * i], words[2 * i + 1]);
    }
    store_bytes(signs, bytes, half, 0, at);
    store_bytes(masks, bytes, half, 1, at);
  }

  void store_bytes(const __m128i (&twos)[kAtOnce / 2], int bytes, int half, int plane, int at) {
    const auto store = [&](int byte, __m128i both) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(planes_[byte][half][plane] + at), both);
      _mm_storeh_pi(reinterpret_cast<__m64*>(planes_[byte + 1][half][plane] + at), _mm_castsi128_ps(both));
    };
    const __m128i first = _mm_unpacklo_epi16(twos[0], twos[1]), last = _mm_unpacklo_epi16(twos[2], twos[3]);
    store(0, _mm_unpacklo_epi32(first, last));
    if (bytes <= 2) return;
    store(2, _mm_unpackhi_epi32(first, last));
    if (bytes <= 4) return;
    const __m128i third = _mm_unpackhi_epi16(twos[0], twos[1]), fourth = _mm_unpackhi_epi16(twos[2], twos[3]);
    store(4, _mm_unpacklo_epi32(third, fourth));
    store(6, _mm_unpackhi_epi32(third, fourth));
  }

  /// Two bits a channel, numbers of two's complement: 0, 1 or -1.
  static void interleave(const Planes& planes, int at, __m256i& even, __m256i& odd) {
    const __m256i ones = bytes_of(0x55);
    // What was never written is made a number, too: others would carry into the pixel of the other nibble.
    const __m256i masks = load(planes[1] + at), signs = _mm256_and_si256(load(planes[0] + at), masks);
    const __m256i even_signs = _mm256_and_si256(signs, ones);
    even = _mm256_or_si256(_mm256_and_si256(masks, ones), _mm256_add_epi8(even_signs, even_signs));
    odd = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(masks, 1), ones),
                          _mm256_andnot_si256(ones, signs));
  }
  static __m256i low_nibbles(__m256i a, __m256i b, __m256i low) {
    return _mm256_or_si256(_mm256_and_si256(a, low), _mm256_slli_epi16(_mm256_and_si256(b, low), 4));
  }
  static __m256i high_nibbles(__m256i a, __m256i b, __m256i low) {
    return _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(a, 4), low), _mm256_andnot_si256(low, b));
  }

  static __m128i load_half(const std::uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
  static __m128i load_eights(const std::uint8_t* low, const std::uint8_t* high) {
    const __m128i first = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(low));
    return _mm_castps_si128(_mm_loadh_pi(_mm_castsi128_ps(first), reinterpret_cast<const __m64*>(high)));
  }

  __m256i neighbours(const std::uint8_t* from) const {
    if (side_by_side_ == 1) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    if (side_by_side_ == 2) return _mm256_set_m128i(load_half(from + pitch_), load_half(from));
    return _mm256_set_m128i(load_eights(from + 2 * pitch_, from + 3 * pitch_),
                            load_eights(from, from + pitch_));
  }

  __m256i every_other(const std::uint8_t* from) const {
    __m256i a, b;
    if (side_by_side_ == 4) {
      a = _mm256_set_m128i(load_half(from + pitch_), load_half(from));
      b = _mm256_set_m128i(load_half(from + 3 * pitch_), load_half(from + 2 * pitch_));
    } else {
      a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
      b = _mm256_loadu_si256(
          reinterpret_cast<const __m256i*>(from + (side_by_side_ == 2 ? pitch_ : pair_sums::kLanes)));
    }
    const __m256i low = _mm256_set1_epi16(255);
    return _mm256_permute4x64_epi64(_mm256_packus_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low)),
                                    0xD8);
  }

  const ConvolutionShape& shape_;
  const Tiling& tiling_;
  int side_by_side_;        // runs in the lanes of a vector
  int run_pixels_, pitch_;  // of a row of the input under a run
  std::ptrdiff_t row_bytes_;
  alignas(32) Planes planes_[8][2];  // of the bytes of a word, of the pixels in low nibbles and in high ones
  alignas(32) std::uint8_t codes_[kPairs][kPositions];
};

/// The stored sums of a chunk.
class StoredSums {
 public:
  StoredSums(const ConvolutionShape& shape, const Tiling& tiling)
      : rows_(tiling.input_rows),
        kernel_width_(shape.kernel_width),
        row_bytes_(pair_sums::sums_row_bytes(shape)) {
    for (int row = 0; row < rows_; ++row) {
      _mm256_store_si256(reinterpret_cast<__m256i*>(sums_ + row * row_bytes_), bytes_of(kBiases));
    }
  }

  void make(const TileCodes& codes) {
    for (int row = 0; row < rows_; ++row) {
      auto* to = reinterpret_cast<__m256i*>(sums_ + row * row_bytes_) + kernel_width_ * pair_sums::kCases;
      for (int pair = 0; pair < kPairs; ++pair) {
        for (int tap = 0; tap < kernel_width_; ++tap, to += pair_sums::kCases) {
          store_cases(codes.of(pair, row, tap), to);
        }
      }
    }
  }

  const std::uint8_t* data() const { return sums_; }

 private:
  static constexpr int kBiases = 17 * pair_sums::kBias;  // of both pixels

  static void store_cases(__m256i codes, __m256i* to) {
    const __m256i two_bits = bytes_of(0x33), bias = bytes_of(kBiases), twice = bytes_of(2 * kBiases);
    const __m256i a = _mm256_and_si256(codes, two_bits),
                  b = _mm256_and_si256(_mm256_srli_epi16(codes, 2), two_bits);
    const __m256i minus_a = _mm256_sub_epi8(twice, a), plain_b = _mm256_sub_epi8(b, bias);
    _mm256_store_si256(to, a);
    _mm256_store_si256(to + 1, minus_a);
    _mm256_store_si256(to + 2, b);
    _mm256_store_si256(to + 3, _mm256_sub_epi8(twice, b));
    _mm256_store_si256(to + 4, _mm256_add_epi8(a, plain_b));
    _mm256_store_si256(to + 5, _mm256_sub_epi8(a, plain_b));
    _mm256_store_si256(to + 6, _mm256_add_epi8(minus_a, plain_b));
    _mm256_store_si256(to + 7, _mm256_sub_epi8(minus_a, plain_b));
  }

  int rows_, kernel_width_;
  std::ptrdiff_t row_bytes_;
  alignas(64) std::uint8_t
      sums_[std::ptrdiff_t{pair_sums::kMaxRowTaps} * (1 + kPairs) * pair_sums::kCases * pair_sums::kLanes];
};

/// Sums of a tile and all filters, in words.
class Totals {
 public:
  explicit Totals(int rows) : rows_(rows) {}

  void add(const ConvolutionShape& shape, const StoredSums& sums, const std::uint16_t* offsets, bool first) {
    switch (rows_) {
      case 1:
        return add_rows<1>(shape, sums, offsets, first);
      case 2:
        return add_rows<2>(shape, sums, offsets, first);
      case 3:
        return add_rows<3>(shape, sums, offsets, first);
      default:
        return add_rows<4>(shape, sums, offsets, first);
    }
  }

  /// The sums of pixel row `row` of all runs and of a block of 8 filters: a vector of them for each pixel.
  void transpose(int row, int block, __m128i* pixels) const {
    for (int part = 0; part < 4; ++part) {
      __m256i twos[kBlock], fours[kBlock];
      const auto filter = [&](int i) { return totals_[(block * kBlock + i) * rows_ + row][part]; };
      for (int i = 0; i < 4; ++i) {
        twos[i] = _mm256_unpacklo_epi16(filter(2 * i), filter(2 * i + 1));      // pixels 0 to 3
        twos[i + 4] = _mm256_unpackhi_epi16(filter(2 * i), filter(2 * i + 1));  // 4 to 7
      }
      for (int i = 0; i < kBlock; i += 2) {
        fours[i] = _mm256_unpacklo_epi32(twos[i], twos[i + 1]);
        fours[i + 1] = _mm256_unpackhi_epi32(twos[i], twos[i + 1]);
      }
      __m128i* to = pixels + part / 2 * pair_sums::kLanes + part % 2 * kBlock;
      for (int i = 0; i < 4; ++i) {
        const int at = i / 2 * 4 + i % 2;
        store(_mm256_unpacklo_epi64(fours[at], fours[at + 2]), to + 2 * i);
        store(_mm256_unpackhi_epi64(fours[at], fours[at + 2]), to + 2 * i + 1);
      }
    }
  }

 private:
  static constexpr int kBlock = packed::kLanes;

  static void store(__m256i both, __m128i* to) {
    _mm_store_si128(to, _mm256_castsi256_si128(both));
    _mm_store_si128(to + pair_sums::kLanes / 2, _mm256_extracti128_si256(both, 1));
  }

  template <int kRows>
  void add_rows(const ConvolutionShape& shape, const StoredSums& sums, const std::uint16_t* offsets,
                bool first) {
    const std::uint8_t* rows[kRows];
    for (int r = 0; r < kRows; ++r) {
      rows[r] = sums.data() + r * shape.stride_height * pair_sums::sums_row_bytes(shape);
      __asm__("" : "+r"(rows[r]));  // or GCC would make each address from the one before
    }
    const int steps = pair_sums::chunk_steps(shape);
    const __m256i start =
        _mm256_set1_epi16(static_cast<short>(-pair_sums::kBias * steps * pair_sums::chunks(shape)));
    const __m256i nibble = bytes_of(15);
    for (int filter = 0; filter < shape.filters; ++filter) {
      // Bytes: the sums of the pixels in high nibbles, and those of both pixels, modulo 256.
      __m256i second[kRows], both[kRows];
      for (int r = 0; r < kRows; ++r) second[r] = both[r] = _mm256_setzero_si256();
      for (const std::uint16_t* last = offsets + steps; offsets != last; offsets += pair_sums::kUnrolled) {
#pragma GCC unroll 4
        for (int step = 0; step < pair_sums::kUnrolled; step += pair_sums::kGroup) {
          const std::size_t a = offsets[step], b = offsets[step + 1], c = offsets[step + 2];
#pragma GCC unroll 4
          for (int r = 0; r < kRows; ++r) {
            const __m256i sum =
                _mm256_add_epi8(_mm256_add_epi8(load(rows[r] + a), load(rows[r] + b)), load(rows[r] + c));
            both[r] = _mm256_add_epi8(both[r], sum);
            second[r] = _mm256_add_epi8(second[r], _mm256_and_si256(_mm256_srli_epi16(sum, 4), nibble));
            // One row after the other, in place: GCC would spill and copy counters.
            __asm__ volatile("" : "+x"(both[r]), "+x"(second[r]));
          }
        }
      }
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        const __m256i sixteen = _mm256_andnot_si256(nibble, _mm256_slli_epi16(second[r], 4));
        __m256i* to = totals_[filter * kRows + r];
        widen(_mm256_sub_epi8(both[r], sixteen), start, first, to);
        widen(second[r], start, first, to + 2);
      }
    }
  }

  static void widen(__m256i bytes, __m256i start, bool first, __m256i* to) {
    const __m256i zero = _mm256_setzero_si256();
    to[0] = _mm256_add_epi16(first ? start : to[0], _mm256_unpacklo_epi8(bytes, zero));
    to[1] = _mm256_add_epi16(first ? start : to[1], _mm256_unpackhi_epi8(bytes, zero));
  }

  int rows_;
  // Of a filter and a row: pixels 0 to 7 and 16 to 23, 8 to 15 and 24 to 31, then those in high nibbles.
  __m256i totals_[pair_sums::kMaxFilterRows + kBlock * pair_sums::kMaxRunRows][4];
};

template <class Sink>
void give_tile(const ConvolutionShape& shape, const Tiling& tiling, const Run* runs, int run_count,
               int last_row, const Totals& totals, Sink& sink) {
  __m128i pixels[pair_sums::kMaxFilterRows / packed::kLanes][pair_sums::kPixels];
  const int blocks = shape.filter_blocks(), width = shape.output_width();
  for (int row = 0; row < tiling.run_rows; ++row) {
    for (int block = 0; block < blocks; ++block) totals.transpose(row, block, pixels[block]);
    for (int k = 0; k < run_count; ++k) {
      const int y = runs[k].row + row, left = width - runs[k].column;
      if (y >= last_row) continue;
      const PixelStrip strip{y * width + runs[k].column, left < tiling.columns ? left : tiling.columns,
                             width};
      sink.begin(strip);
      for (int block = 0; block < blocks; ++block) {
        const __m128i* from = pixels[block] + k * tiling.columns;
        sink.take_strip(strip, block, [from](int p) {
          return reinterpret_cast<Ints<packed::kLanes>>(_mm256_cvtepi16_epi32(from[p]));
        });
      }
    }
  }
}

template <class Sink>
void convolve(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
              int first_row, int last_row, Sink sink) {
  if (first_row >= last_row) return;
  const Tiling tiling(shape, last_row - first_row);
  TileCodes codes(shape, tiling);
  StoredSums sums(shape, tiling);
  Totals totals(tiling.run_rows);
  const std::ptrdiff_t chunk_offsets = std::ptrdiff_t{shape.filters} * pair_sums::chunk_steps(shape);
  for (int first = 0; first < tiling.runs; first += tiling.tile_runs()) {
    const int left = tiling.runs - first, run_count = left < tiling.tile_runs() ? left : tiling.tile_runs();
    Run runs[pair_sums::kMaxRuns];
    for (int k = 0; k < tiling.tile_runs(); ++k) {
      const int run = first + (k < run_count ? k : run_count - 1);  // what is beyond the last, that one again
      runs[k] = {first_row + run / tiling.across * tiling.run_rows, run % tiling.across * tiling.columns};
    }
    const auto* offsets = reinterpret_cast<const std::uint16_t*>(weights);
    for (int chunk = 0; chunk < pair_sums::chunks(shape); ++chunk, offsets += chunk_offsets) {
      if (chunk % 8 == 0) codes.split(x, runs, chunk / 8);
      codes.encode(chunk % 8);
      sums.make(codes);
      totals.add(shape, sums, offsets, chunk == 0);
    }
    give_tile(shape, tiling, runs, run_count, last_row, totals, sink);
  }
}

}  // namespace avx2_pair_sums
}  // namespace
}  // namespace tern::packed
