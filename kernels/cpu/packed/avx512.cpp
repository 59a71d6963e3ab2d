#include "kernels/cpu/packed/targets.h"

#ifdef __x86_64__

#include <immintrin.h>

#include <cstring>

// Only what follows is compiled for these instruction sets; nothing of it is visible to other files.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq")
#endif

#include "kernels/cpu/packed/table.h"

namespace tern::packed {
namespace {

struct Avx512 {
  static constexpr int kPixels = 4, kBlocks = 2, kDrain = 0;

  struct Weights {
    __m512i sign, mask;
    static Weights load(const std::uint64_t* words) {
      return {_mm512_loadu_si512(words), _mm512_loadu_si512(words + kLanes)};
    }
  };

  /// Adds up 1 - product, which is 0, 1 or 2: `ones` holds the lowest bit of each position's sum, and what is
  /// carried out of it is counted. A carry is the product's own 2 where both values are not 0, and else that
  /// of ones + 1.
  class Counter {
   public:
    void add(const Weights& w, const std::uint64_t* x) {
      const __m512i differ = _mm512_xor_si512(w.sign, word(x[0]));
      const __m512i next = _mm512_ternarylogic_epi64(ones_, w.mask, word(x[1]), kXorNand);
      carries_ = _mm512_add_epi64(
          carries_, _mm512_popcnt_epi64(_mm512_ternarylogic_epi64(differ, ones_, next, kFirstWhereEqual)));
      ones_ = next;
    }
    I32x8 total(int pairs) const {
      const __m512i twice = _mm512_slli_epi64(carries_, 1);
      const __m512i sum = _mm512_add_epi64(twice, _mm512_popcnt_epi64(ones_));
      const __m512i positions = _mm512_set1_epi64(std::int64_t{kWordChannels} * pairs);
      return reinterpret_cast<I32x8>(_mm512_cvtepi64_epi32(_mm512_sub_epi64(positions, sum)));
    }

   private:
    static __m512i word(std::uint64_t x) { return _mm512_set1_epi64(static_cast<std::int64_t>(x)); }

    static constexpr int kXorNand = 0x87;          // a ^ ~(b & c)
    static constexpr int kFirstWhereEqual = 0xD4;  // b == c ? a : b

    __m512i ones_ = {}, carries_ = {};
  };

  static unsigned at_least(const F32x8& y, const F32x8& x) {
    return _mm256_cmp_ps_mask(reinterpret_cast<__m256>(y), reinterpret_cast<__m256>(x), _CMP_GE_OQ);
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
                    __builtin_cpu_supports("avx512vpopcntdq");
  return runs ? &kTable : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace tern::packed
