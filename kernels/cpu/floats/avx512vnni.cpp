#if defined(__x86_64__)
#define TERN_FLOATS_TARGET __attribute__((target("avx512f,avx512vnni")))
#include "tern/kernels/cpu/floats/avx512_floats.h"
#include "tern/kernels/cpu/floats/row.h"

namespace tern::floats {
namespace {

struct Avx512Pairs {
  using Value = std::int16_t;
  using Floats = Avx512;
  using Vector = __m512i;
  static constexpr int kLanes = Avx512::kLanes, kGroups = Avx512::kGroups, kUnits = Avx512::kUnits, kTaps = 2;
  static constexpr const winograd::Matrices& kMatrices = winograd::kIntegerMatrices;

  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector zero() { return _mm512_setzero_si512(); }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector load(const Value* from) {
    return _mm512_loadu_si512(from);
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector broadcast(const Value* from) {
    return _mm512_set1_epi32(pair_at(from));
  }
  /// GCC 12 copies each sum before the intrinsic of this adds to it, and runs out of registers.
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static Vector multiply_add(Vector a, Vector b, Vector c) {
    asm("vpdpwssd %2, %1, %0" : "+v"(c) : "v"(a), "v"(b));
    return c;
  }
  TERN_FLOATS_TARGET TERN_FLOATS_INLINE static __m512 to_floats(Vector a) {
    constexpr __mmask16 kAll = 0xffff;  // without one GCC 12 warns of its own code
    return _mm512_maskz_cvtepi32_ps(kAll, a);
  }
};

}  // namespace

const Kernels& avx512_vnni_kernels() {
  static const Kernels table = [] {
    Kernels kernels = avx512_kernels();
    kernels.int16_stem = StemRows<Avx512Pairs>::kKernels;
    return kernels;
  }();
  return table;
}

}  // namespace tern::floats
#endif
