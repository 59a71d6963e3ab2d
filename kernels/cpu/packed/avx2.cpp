#include "kernels/cpu/packed/targets.h"

#ifdef __x86_64__

#include <immintrin.h>

#include <cstring>

// Only what follows is compiled for this instruction set; nothing of it is visible to other files.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif

#include "kernels/cpu/packed/table.h"

namespace tern::packed {
namespace {

struct Avx2 {
  static constexpr int kPixels = 2, kBlocks = 1, kDrain = 31;  // 31 * 8 bits still fit a byte

  template <int kBlockCount>
  struct Weights {
    Weights(const std::uint64_t* first, std::ptrdiff_t /*block_words*/)
        : words(reinterpret_cast<const __m256i*>(first)) {}
    const __m256i* words;  // sign words of filters 0-3 and 4-7, mask words likewise
    __m256i sign(int half) const { return _mm256_loadu_si256(words + half); }
    __m256i mask(int half) const { return _mm256_loadu_si256(words + 2 + half); }
  };

  /// Adds up 1 - product, which is 0, 1 or 2: `ones` holds the lowest bit of each position's sum, and what is
  /// carried out of it is counted, byte by byte. A carry is the product's own 2 where both values are not 0,
  /// and else that of ones + 1.
  template <int kBlockCount>
  class Counter {
   public:
    void add(const Weights<kBlockCount>& w, const std::uint64_t* x) {
      const __m256i x_sign = word(x[0]), x_mask = word(x[1]);
#pragma GCC unroll 2
      for (int half = 0; half < 2; ++half) {
        __m256i& ones = ones_[half];
        const __m256i differ = _mm256_xor_si256(w.sign(half), x_sign);
        const __m256i both = _mm256_and_si256(w.mask(half), x_mask);
        const __m256i carry = _mm256_xor_si256(_mm256_and_si256(_mm256_xor_si256(differ, ones), both), ones);
        ones = _mm256_xor_si256(ones, _mm256_xor_si256(both, _mm256_set1_epi8(-1)));
        bytes_[half] = _mm256_add_epi8(bytes_[half], byte_counts(carry));
      }
    }
    void drain() {
      for (int half = 0; half < 2; ++half) {
        carries_[half] = _mm256_add_epi64(carries_[half], sum_bytes(bytes_[half]));
        bytes_[half] = _mm256_setzero_si256();
      }
    }
    Ints<kLanes> total(int pairs) {
      drain();
      const __m256i low = half_total(0, pairs), high = half_total(1, pairs);
      const __m256 mixed = _mm256_shuffle_ps(reinterpret_cast<__m256>(low), reinterpret_cast<__m256>(high),
                                             _MM_SHUFFLE(2, 0, 2, 0));  // the low words: 0 1 4 5 2 3 6 7
      return reinterpret_cast<Ints<kLanes>>(
          _mm256_permute4x64_epi64(reinterpret_cast<__m256i>(mixed), _MM_SHUFFLE(3, 1, 2, 0)));
    }

   private:
    static __m256i word(std::uint64_t x) {
      return _mm256_set1_epi64x(static_cast<std::int64_t>(x));
    }
    static __m256i sum_bytes(__m256i bytes) {
      return _mm256_sad_epu8(bytes, _mm256_setzero_si256());
    }

    /// The bits of each byte, by a table of the 16 nibbles (Mula, Kurz, Lemire 2018).
    static __m256i byte_counts(__m256i v) {
      const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                             0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
      const __m256i nibble = _mm256_set1_epi8(15);
      const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(v, nibble));
      const __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble));
      return _mm256_add_epi8(low, high);
    }
    __m256i half_total(int half, int pairs) const {
      const __m256i sum =
          _mm256_add_epi64(_mm256_slli_epi64(carries_[half], 1), sum_bytes(byte_counts(ones_[half])));
      return _mm256_sub_epi64(_mm256_set1_epi64x(std::int64_t{kWordChannels} * pairs), sum);
    }

    __m256i ones_[2] = {}, bytes_[2] = {}, carries_[2] = {};
  };

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
