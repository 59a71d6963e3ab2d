// The activations of the convolution by sums of two channels (pair_sums.h), byte by byte, by AVX2, for files
// that say for which target.
#pragma once

#include <immintrin.h>

#include <type_traits>

#include "tern/kernels/cpu/packed/pair_sums.h"
#include "tern/kernels/cpu/packed/strip.h"

namespace tern::packed {
namespace {
namespace pair_sums_convolution {

using pair_sums::kPairs;
using pair_sums::Tiling;

/// A run of a tile by its first output pixel.
struct Run {
  int row, column;
};

/// The activations under a tile, byte by byte: two pixels' two channels. Vectors of them are a `Vector`'s.
template <class Vector>
class TileCodes {
 public:
  using Bytes = typename Vector::Bytes;

  TileCodes(const ConvolutionShape& shape, const Tiling& tiling)
      : shape_(shape),
        tiling_(tiling),
        side_by_side_(kLanes / tiling.columns),
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
    const __m256i low = all(15), negative = all(0xAA);
    for (int at = 0; at < tiling_.input_rows * row_bytes_; at += kHalf) {
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

  /// use(stride, runs), numbers that the compiler knows, for of().
  template <class Use>
  void choose(const Use& use) const {
    shape_.stride_width == 1 ? choose_runs<1>(use) : choose_runs<2>(use);
  }

  /// The codes that row `row` of the input and column `tap` of the kernel have for a vector of pixels: of the
  /// first channel, plus kBias, in bits 0, 1 and 4, 5 of a byte, of the second one in the others.
  template <int kStride, int kRuns>
  Bytes of(int pair, int row, int tap) const {
    const std::uint8_t* from = codes_[pair] + row * row_bytes_ + tap;
    if constexpr (kLanes == kHalf) {
      return reinterpret_cast<Bytes>(some<kStride, kRuns>(from));
    } else {
      constexpr int kHalfRuns = kRuns > 1 ? kRuns / 2 : 1;
      const std::ptrdiff_t step = kRuns > 1 ? kHalfRuns * pitch_ : kHalf * kStride;
      return Vector::join(some<kStride, kHalfRuns>(from), some<kStride, kHalfRuns>(from + step));
    }
  }

 private:
  static constexpr int kLanes = Vector::kLanes;
  static constexpr int kHalf = 32;                       // lanes of AVX2
  static constexpr int kAtOnce = 8;                      // pixels that are split
  static constexpr int kMaxRowPixels = kLanes / 8 * 24;  // of runs side by side, at most
  static constexpr int kMaxRows =
      (pair_sums::max_run_rows(kLanes) - 1) * pair_sums::kMaxStride + pair_sums::kMaxKernel;
  static constexpr int kPositions = kMaxRowPixels * kMaxRows + 2 * kLanes;

  /// Sign bytes, then mask bytes.
  using Planes = std::uint8_t[2][kPositions];

  static __m256i all(int value) { return _mm256_set1_epi8(static_cast<char>(value)); }
  static __m256i load(const std::uint8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }

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
    __m256i words[4];  // of pixels i and i + 4
    for (int i = 0; i < 4; ++i) {
      words[i] = _mm256_set_m128i(load_pair(pixels + steps[i + 4]), load_pair(pixels + steps[i]));
    }
    store_bytes(_mm256_unpacklo_epi8(words[0], words[1]), _mm256_unpacklo_epi8(words[2], words[3]), bytes,
                half, 0, at);
    store_bytes(_mm256_unpackhi_epi8(words[0], words[1]), _mm256_unpackhi_epi8(words[2], words[3]), bytes,
                half, 1, at);
  }

  /// Of pixels 0 and 1, then 4 and 5, and of the others.
  void store_bytes(__m256i first, __m256i last, int bytes, int half, int plane, int at) {
    store_four(_mm256_unpacklo_epi16(first, last), bytes, 0, half, plane, at);
    if (bytes > 4) store_four(_mm256_unpackhi_epi16(first, last), bytes, 4, half, plane, at);
  }
  void store_four(__m256i fours, int bytes, int byte, int half, int plane, int at) {
    const __m256i eights = _mm256_permutevar8x32_epi32(fours, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    const auto store = [&](int i, __m128i both) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(planes_[i][half][plane] + at), both);
      _mm_storeh_pi(reinterpret_cast<__m64*>(planes_[i + 1][half][plane] + at), _mm_castsi128_ps(both));
    };
    store(byte, _mm256_castsi256_si128(eights));
    if (bytes > byte + 2) store(byte + 2, _mm256_extracti128_si256(eights, 1));
  }

  /// Two bits a channel, numbers of two's complement: 0, 1 or -1.
  static void interleave(const Planes& planes, int at, __m256i& even, __m256i& odd) {
    const __m256i ones = all(0x55);
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

  static __m128i load_pair(const std::uint64_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
  static __m128i load_half(const std::uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
  static __m128i load_eights(const std::uint8_t* low, const std::uint8_t* high) {
    const __m128i first = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(low));
    return _mm_castps_si128(_mm_loadh_pi(_mm_castsi128_ps(first), reinterpret_cast<const __m64*>(high)));
  }

  template <int kStride, class Use>
  void choose_runs(const Use& use) const {
    using Stride = std::integral_constant<int, kStride>;
    switch (side_by_side_) {
      case 1:
        return use(Stride(), std::integral_constant<int, 1>());
      case 2:
        return use(Stride(), std::integral_constant<int, 2>());
      case 4:
        return use(Stride(), std::integral_constant<int, 4>());
      default:
        return use(Stride(), std::integral_constant<int, kLanes / 8>());
    }
  }

  /// 32 pixels of kRuns runs.
  template <int kStride, int kRuns>
  __m256i some(const std::uint8_t* from) const {
    if constexpr (kStride == 1) {
      if constexpr (kRuns == 1) return load(from);
      if constexpr (kRuns == 2) return _mm256_set_m128i(load_half(from + pitch_), load_half(from));
      return _mm256_set_m128i(load_eights(from + 2 * pitch_, from + 3 * pitch_),
                              load_eights(from, from + pitch_));
    } else {
      __m256i a, b;
      if constexpr (kRuns == 4) {
        a = _mm256_set_m128i(load_half(from + pitch_), load_half(from));
        b = _mm256_set_m128i(load_half(from + 3 * pitch_), load_half(from + 2 * pitch_));
      } else {
        a = load(from);
        b = load(from + (kRuns == 2 ? pitch_ : kHalf));
      }
      const __m256i low = _mm256_set1_epi16(255);
      return _mm256_permute4x64_epi64(_mm256_packus_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low)),
                                      0xD8);
    }
  }

  const ConvolutionShape& shape_;
  const Tiling& tiling_;
  int side_by_side_;        // runs in the lanes of a vector
  int run_pixels_, pitch_;  // of a row of the input under a run
  std::ptrdiff_t row_bytes_;
  alignas(32) Planes planes_[8][2];  // of the bytes of a word, of the pixels in low nibbles and in high ones
  alignas(32) std::uint8_t codes_[kPairs][kPositions];
};

}  // namespace pair_sums_convolution
}  // namespace
}  // namespace tern::packed
