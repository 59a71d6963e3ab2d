#include "tern/kernels/cpu/packed/targets.h"

#ifdef __x86_64__

#include <immintrin.h>

#include <cstring>
#include <type_traits>

#define TERN_AVX512_TARGET
// Only what follows is compiled for these instruction sets; nothing of it is visible to other files.
#ifdef __clang__
#pragma clang attribute push(                                                                   \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,avx512bitalg"))), \
    apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,avx512bitalg")
#endif

#include "tern/kernels/cpu/packed/avx512_pixels.h"
#include "tern/kernels/cpu/packed/convolve.h"
#include "tern/kernels/cpu/packed/table.h"

namespace tern::packed {
namespace {

/// 1 - product is 0, 1 or 2. `ones` holds the lowest bit of each position's sum of them, and what is carried
/// out of it is counted: a carry is the product's own 2 where both values are not 0, and else that of ones
/// + 1.
struct Avx512 : CountedConvolution<Avx512> {
  static constexpr int kPixels = 4, kBlocks = 2, kDrain = 0;
  static constexpr const PixelLanes* kPixelLanes = &packed::kPixelLanes;

  template <int kBlockCount>
  struct Weights {
    Weights(const std::uint64_t* words, std::ptrdiff_t block_words) {
#pragma GCC unroll 2
      for (int b = 0; b < kBlockCount; ++b, words += block_words) {
        sign[b] = _mm512_loadu_si512(words);
        mask[b] = _mm512_loadu_si512(words + kLanes);
      }
    }
    __m512i sign[kBlockCount], mask[kBlockCount];
  };

  template <int kBlockCount>
  class Counter {
   public:
    /// Both blocks step by step: the order in which Zen 4 finds work for all its pipes (CMakeLists.txt keeps
    /// it).
    void add(const Weights<kBlockCount>& w, const std::uint64_t* x) {
      const __m512i sign = word(x[0]), mask = word(x[1]);
      __m512i carry[kBlockCount], before[kBlockCount];
#pragma GCC unroll 2
      for (int b = 0; b < kBlockCount; ++b) carry[b] = _mm512_xor_si512(w.sign[b], sign);
#pragma GCC unroll 2
      for (int b = 0; b < kBlockCount; ++b) {
        before[b] = ones_[b];
        __asm__("" : "+v"(before[b]));  // a copy now, or GCC copies all counters at the end of the loop
      }
#pragma GCC unroll 2
      for (int b = 0; b < kBlockCount; ++b)
        ones_[b] = _mm512_ternarylogic_epi64(ones_[b], w.mask[b], mask, kXorNand);
#pragma GCC unroll 2
      for (int b = 0; b < kBlockCount; ++b)
        carry[b] = _mm512_ternarylogic_epi64(carry[b], before[b], ones_[b], kFirstWhereEqual);
#pragma GCC unroll 2
      for (int b = 0; b < kBlockCount; ++b) carry[b] = _mm512_popcnt_epi64(carry[b]);
#pragma GCC unroll 2
      for (int b = 0; b < kBlockCount; ++b) carries_[b] = _mm512_add_epi64(carries_[b], carry[b]);
    }

    Ints<kLanes * kBlockCount> total(int pairs) const {
      const Ints<kLanes* kBlockCount> carries = narrow(carries_);
      __m512i last[kBlockCount];
#pragma GCC unroll 2
      for (int b = 0; b < kBlockCount; ++b) last[b] = _mm512_popcnt_epi64(ones_[b]);
      return kWordChannels * pairs - narrow(last) - (carries << 1);
    }

   private:
    static __m512i word(std::uint64_t x) {
      return _mm512_set1_epi64(static_cast<std::int64_t>(x));
    }

    static Ints<8> narrow(const __m512i (&counts)[1]) {
      return reinterpret_cast<Ints<8>>(_mm512_cvtepi64_epi32(counts[0]));
    }
    static Ints<16> narrow(const __m512i (&counts)[2]) {
      const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
      return reinterpret_cast<Ints<16>>(_mm512_permutex2var_epi32(counts[0], even, counts[1]));
    }

    static constexpr int kXorNand = 0x87;          // a ^ ~(b & c)
    static constexpr int kFirstWhereEqual = 0xD4;  // b == c ? a : b

    __m512i ones_[kBlockCount] = {}, carries_[kBlockCount] = {};
  };

  template <class Sink>
  static void convolve_lanes(const ConvolutionShape& shape, const std::uint64_t* x,
                             const std::uint64_t* weights, int first_row, int last_row, const Sink& sink) {
    avx512_pixels::convolve(shape, x, weights, first_row, last_row, sink);
  }

  static unsigned at_least(const Floats<8>& y, const Floats<8>& x) {
    return _mm256_cmp_ps_mask(reinterpret_cast<__m256>(y), reinterpret_cast<__m256>(x), _CMP_GE_OQ);
  }
  static unsigned at_least(const Floats<16>& y, const Floats<16>& x) {
    return _mm512_cmp_ps_mask(reinterpret_cast<__m512>(y), reinterpret_cast<__m512>(x), _CMP_GE_OQ);
  }
};

constexpr Kernels kTable = make_kernels<Avx512>("avx512");

}  // namespace
}  // namespace tern::packed

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

namespace tern::packed {

const Kernels* avx512_kernels() {
#ifdef __x86_64__
  const bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512bitalg");
  return runs ? &kTable : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace tern::packed
