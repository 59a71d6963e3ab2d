#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "tern/data/resample_passes.h"

// The products of vpmaddwd are of 16 bits, the weights have 24: each is cut into kLowBits low bits and the
// rest, which make sums of their own. The two together are exact.
#define TERN_AVX2 __attribute__((target("avx2")))

namespace tern::resample {
namespace {

constexpr int kLowBits = 11;

/// Of two neighbouring taps, the first in the lower half of each.
struct PairWeights {
  std::int32_t low, high;
};

std::vector<PairWeights> pairs_of(const AxisWeights& axis) {
  const auto pair = [](std::int32_t first, std::int32_t second) {
    return static_cast<std::int32_t>((static_cast<std::uint32_t>(first) & 0xffff) |
                                     static_cast<std::uint32_t>(second) << 16);
  };
  constexpr std::int32_t kLowMask = (1 << kLowBits) - 1;
  std::vector<PairWeights> pairs(axis.weights.size() / 2);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::int32_t first = axis.weights[2 * i], second = axis.weights[2 * i + 1];
    pairs[i] = {pair(first & kLowMask, second & kLowMask), pair(first >> kLowBits, second >> kLowBits)};
  }
  return pairs;
}

/// The sums of products with both parts of the weights.
struct Sums {
  __m256i low, high;

  TERN_AVX2 static Sums zero() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }

  /// Of 16-bit pixels in pairs of neighbouring taps.
  TERN_AVX2 void add(__m256i pixels, const PairWeights& weights) {
    low = _mm256_add_epi32(low, _mm256_madd_epi16(pixels, _mm256_set1_epi32(weights.low)));
    high = _mm256_add_epi32(high, _mm256_madd_epi16(pixels, _mm256_set1_epi32(weights.high)));
  }

  TERN_AVX2 __m256i rounded() const {
    const __m256i half = _mm256_set1_epi32(1 << (kPrecisionBits - 1));
    const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, kLowBits), low);
    return _mm256_srai_epi32(_mm256_add_epi32(sum, half), kPrecisionBits);
  }
};

constexpr int kRows = 4;  // which the horizontal pass convolves together
/// What it may read behind a row: of the last group of taps three pixels, and four bytes behind the group.
constexpr int kOverrun = 3 * kChannels + 4;

/// The pixel of each of two rows, in the lower bytes of the halves.
TERN_AVX2 void store_pixels(const Sums& sums, std::uint8_t* const* out, std::ptrdiff_t offset, int bytes) {
  const __m256i words = _mm256_packs_epi32(sums.rounded(), sums.rounded());
  const __m256i packed = _mm256_packus_epi16(words, words);
  const int first = _mm256_extract_epi32(packed, 0), second = _mm256_extract_epi32(packed, 4);
  std::memcpy(out[0] + offset, &first, static_cast<std::size_t>(bytes));
  std::memcpy(out[1] + offset, &second, static_cast<std::size_t>(bytes));
}

TERN_AVX2 void convolve_rows(const std::uint8_t* const* in, const AxisWeights& axis, const PairWeights* pairs,
                             std::uint8_t* const* out) {
  // r0 r1 g0 g1 b0 b1, as words, of the first and the second two of four pixels.
  const __m256i first_pair =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
  const __m256i second_pair =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
  const int width = static_cast<int>(axis.taps.size());
  for (int x = 0; x < width; ++x, pairs += axis.stride / 2) {
    Sums upper = Sums::zero(), lower = Sums::zero();
    std::ptrdiff_t from = std::ptrdiff_t{kChannels} * axis.taps[static_cast<std::size_t>(x)].first;
    const int count = axis.taps[static_cast<std::size_t>(x)].count;
    const PairWeights* weights = pairs;
    for (int tap = 0; tap < count; tap += kTapGroup, from += kTapGroup * kChannels, weights += 2) {
      const __m256i a = _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(in[1] + from),
                                            reinterpret_cast<const __m128i*>(in[0] + from));
      const __m256i b = _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(in[3] + from),
                                            reinterpret_cast<const __m128i*>(in[2] + from));
      upper.add(_mm256_shuffle_epi8(a, first_pair), weights[0]);
      lower.add(_mm256_shuffle_epi8(b, first_pair), weights[0]);
      upper.add(_mm256_shuffle_epi8(a, second_pair), weights[1]);
      lower.add(_mm256_shuffle_epi8(b, second_pair), weights[1]);
    }
    // A fourth byte would be the next pixel's, which is written later; behind the last pixel it is not ours.
    const std::ptrdiff_t to = std::ptrdiff_t{kChannels} * x;
    if (x + 1 < width) {
      store_pixels(upper, out, to, 4);
      store_pixels(lower, out + 2, to, 4);
    } else {
      store_pixels(upper, out, to, kChannels);
      store_pixels(lower, out + 2, to, kChannels);
    }
  }
}

void avx2_horizontal(const ImageView& in, const AxisWeights& axis, std::uint8_t* out,
                     std::ptrdiff_t row_bytes) {
  const std::vector<PairWeights> pairs = pairs_of(axis);
  const std::size_t width_bytes = static_cast<std::size_t>(in.width) * kChannels;
  const std::size_t padded = width_bytes + kOverrun;
  std::vector<std::uint8_t> copies(kRows * padded);
  for (int y = 0; y < in.height; y += kRows) {
    const std::uint8_t* from[kRows];
    std::uint8_t* to[kRows];
    for (int i = 0; i < kRows; ++i) {
      const int row = std::min(y + i, in.height - 1);  // below the last one, that again
      from[i] = in.pixels + row * in.row_bytes;
      to[i] = out + row * row_bytes;
      if ((in.height - 1 - row) * in.row_bytes < kOverrun) {  // reading on would leave the image
        std::uint8_t* copy = copies.data() + static_cast<std::size_t>(i) * padded;
        std::memcpy(copy, from[i], width_bytes);
        from[i] = copy;
      }
    }
    convolve_rows(from, axis, pairs.data(), to);
  }
}

constexpr int kBlockBytes = 32;  // of a row, which the vertical pass convolves together

TERN_AVX2 __m256i load_block(const std::uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

TERN_AVX2 void convolve_block(const std::uint8_t* in, std::ptrdiff_t in_stride, const PairWeights* weights,
                              int taps, std::uint8_t* out) {
  const __m256i zero = _mm256_setzero_si256();
  Sums sums[4] = {Sums::zero(), Sums::zero(), Sums::zero(), Sums::zero()};
  for (int tap = 0; tap < taps; tap += 2, in += 2 * in_stride, ++weights) {
    const __m256i a = load_block(in), b = load_block(tap + 1 < taps ? in + in_stride : in);
    const __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
    sums[0].add(_mm256_unpacklo_epi8(low, zero), *weights);
    sums[1].add(_mm256_unpackhi_epi8(low, zero), *weights);
    sums[2].add(_mm256_unpacklo_epi8(high, zero), *weights);
    sums[3].add(_mm256_unpackhi_epi8(high, zero), *weights);
  }
  const __m256i low = _mm256_packs_epi32(sums[0].rounded(), sums[1].rounded());
  const __m256i high = _mm256_packs_epi32(sums[2].rounded(), sums[3].rounded());
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_packus_epi16(low, high));
}

void avx2_vertical(const ImageView& in, const AxisWeights& axis, std::uint8_t* out,
                   std::ptrdiff_t row_bytes) {
  const std::vector<PairWeights> pairs = pairs_of(axis);
  const auto stride = static_cast<std::size_t>(axis.stride);
  const int width_bytes = in.width * kChannels;
  for (std::size_t y = 0; y < axis.taps.size(); ++y, out += row_bytes) {
    const Taps& taps = axis.taps[y];
    const std::uint8_t* from = in.pixels + taps.first * in.row_bytes;
    if (width_bytes < kBlockBytes) {
      convolve_bytes(from, in.row_bytes, axis.weights.data() + y * stride, taps.count, out, width_bytes);
      continue;
    }
    for (int x = 0; x < width_bytes; x += kBlockBytes) {
      const int start = std::min(x, width_bytes - kBlockBytes);  // the last block overlaps the one before
      convolve_block(from + start, in.row_bytes, pairs.data() + y * stride / 2, taps.count, out + start);
    }
  }
}

}  // namespace

const Passes kAvx2Passes{"avx2", avx2_horizontal, avx2_vertical};

}  // namespace tern::resample
#endif
