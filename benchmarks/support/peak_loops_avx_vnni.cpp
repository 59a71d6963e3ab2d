#include "tern/benchmarks/support/peak_loops.h"

#if defined(__x86_64__)

#include <immintrin.h>

// Only what follows is compiled for these instruction sets, and nothing of it is called on a CPU without.
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,avxvnni"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,avxvnni")
#endif

#include "tern/benchmarks/support/peak_loops_vectors.h"

namespace tern::bench {
namespace {

struct Lanes {
  using Integers = __m256i;
  static Integers broadcast(std::int8_t value) { return _mm256_set1_epi8(value); }
  static Integers dot(Integers sum, Integers a, Integers b) { return _mm256_dpbusd_avx_epi32(sum, a, b); }
};

}  // namespace

double avx_vnni_int8_dot(std::int64_t steps) {
  return int8_dot<Lanes>(steps);
}

}  // namespace tern::bench

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
