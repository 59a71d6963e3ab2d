#if defined(__x86_64__)
#include <immintrin.h>

#define TERN_FLOATS_TARGET __attribute__((target("avx2,fma")))
#include "tern/kernels/cpu/floats/largest.h"
#include "tern/kernels/cpu/floats/row.h"
#include "tern/kernels/cpu/floats/window_sums.h"

namespace tern::floats {
namespace {

// 6 pixels or tiles x 1 group of two vectors: 12 sums, 2 weights and a broadcast value in 16 registers.
struct Avx2 {
  using Value = float;
  using Floats = Avx2;
  using Vector = __m256;
  static constexpr int kTaps = 1;
  static constexpr const winograd::Matrices& kMatrices = winograd::kMatrices;
  static constexpr int kLanes = 8, kGroups = 1, kUnits = 6;

  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector zero() { return _mm256_setzero_ps(); }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector load(const float* from) {
    return _mm256_loadu_ps(from);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector broadcast(const float* from) {
    return _mm256_broadcast_ss(from);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector to_floats(Vector a) { return a; }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static void store(float* to, Vector a) { _mm256_storeu_ps(to, a); }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector subtract(Vector a, Vector b) {
    return _mm256_sub_ps(a, b);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector multiply(Vector a, Vector b) {
    return _mm256_mul_ps(a, b);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm256_fmadd_ps(a, b, c);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector where_positive(Vector t, Vector a, Vector b) {
    return _mm256_blendv_ps(b, a, _mm256_cmp_ps(t, _mm256_setzero_ps(), _CMP_GT_OQ));
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector larger(Vector value, Vector best) {
    return _mm256_blendv_ps(_mm256_max_ps(value, best), value, _mm256_cmp_ps(value, value, _CMP_UNORD_Q));
  }
};

// The same registers, and one more for the products.
struct Avx2Pairs {
  using Value = std::int16_t;
  using Floats = Avx2;
  using Vector = __m256i;
  static constexpr int kLanes = Avx2::kLanes, kGroups = Avx2::kGroups, kUnits = Avx2::kUnits, kTaps = 2;
  static constexpr const winograd::Matrices& kMatrices = winograd::kIntegerMatrices;

  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector zero() { return _mm256_setzero_si256(); }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector load(const Value* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector broadcast(const Value* from) {
    return _mm256_set1_epi32(pair_at(from));
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm256_add_epi32(c, _mm256_madd_epi16(a, b));
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static __m256 to_floats(Vector a) { return _mm256_cvtepi32_ps(a); }
};

constexpr Kernels kTable{StemRows<Avx2>::kKernels, StemRows<Avx2Pairs>::kKernels, &windows<Avx2>,
                         &largest<Avx2>};

}  // namespace

const Kernels& avx2_kernels() {
  return kTable;
}

}  // namespace tern::floats
#endif
