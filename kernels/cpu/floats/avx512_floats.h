// Vectors of floats in AVX-512; see target.h.
#pragma once

#include <immintrin.h>

#ifndef TERN_FLOATS_TARGET  // where this is compiled alone, for a CPU without AVX-512
#define TERN_FLOATS_TARGET __attribute__((target("avx512f")))
#endif

#include "tern/kernels/cpu/floats/target.h"
#include "tern/kernels/cpu/floats/winograd.h"

namespace tern::floats {
namespace {

// 14 pixels x 2 groups: 28 sums, 2 weights and a broadcast value in 32 registers; 14 divides the 112 pixels
// of a row of ResNet's stem.
struct Avx512 {
  using Value = float;
  using Floats = Avx512;
  using Vector = __m512;
  static constexpr int kTaps = 1;
  static constexpr const winograd::Matrices& kMatrices = winograd::kMatrices;
  static constexpr int kLanes = 16, kGroups = 2, kUnits = 14;

  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector zero() { return _mm512_setzero_ps(); }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector load(const float* from) {
    return _mm512_loadu_ps(from);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector broadcast(const float* from) {
    return _mm512_set1_ps(*from);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector to_floats(Vector a) { return a; }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static void store(float* to, Vector a) { _mm512_storeu_ps(to, a); }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector subtract(Vector a, Vector b) {
    return _mm512_sub_ps(a, b);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector multiply(Vector a, Vector b) {
    return _mm512_mul_ps(a, b);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm512_fmadd_ps(a, b, c);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector where_positive(Vector t, Vector a, Vector b) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(t, _mm512_setzero_ps(), _CMP_GT_OQ), b, a);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector larger(Vector value, Vector best) {
    return _mm512_mask_max_ps(value, _mm512_cmp_ps_mask(value, value, _CMP_ORD_Q), value, best);
  }
};

}  // namespace
}  // namespace tern::floats
