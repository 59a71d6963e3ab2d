#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cstring>

#include "tern/kernels/cpu/floats/largest.h"
#include "tern/kernels/cpu/floats/row.h"
#include "tern/kernels/cpu/floats/window_sums.h"

namespace tern::floats {
namespace {

// Vectors of 128 bits, which SSE2 and NEON have: 8 sums of 2 pixels or tiles x 1 group of four vectors.
struct Portable {
  typedef float Vector __attribute__((vector_size(16)));
  using Value = float;
  using Floats = Portable;
  static constexpr int kTaps = 1;
  static constexpr const winograd::Matrices& kMatrices = winograd::kMatrices;
  static constexpr int kLanes = 4, kGroups = 1, kUnits = 2;

  static Vector zero() { return Vector{}; }
  static Vector load(const float* from) {
    Vector a;
    std::memcpy(&a, from, sizeof a);
    return a;
  }
  static Vector broadcast(const float* from) { return Vector{*from, *from, *from, *from}; }
  static Vector to_floats(Vector a) { return a; }
  static void store(float* to, Vector a) { std::memcpy(to, &a, sizeof a); }
  static Vector add(Vector a, Vector b) { return a + b; }
  static Vector subtract(Vector a, Vector b) { return a - b; }
  static Vector multiply(Vector a, Vector b) { return a * b; }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return a * b + c; }
  static Vector where_positive(Vector t, Vector a, Vector b) { return t > 0.0F ? a : b; }
  static Vector larger(Vector value, Vector best) {
    return ((value > best) | (value != value)) ? value : best;
  }
};

struct PortablePairs {
  typedef std::int32_t Vector __attribute__((vector_size(16)));
  using Value = std::int16_t;
  using Floats = Portable;
  static constexpr int kLanes = Portable::kLanes, kGroups = Portable::kGroups, kUnits = Portable::kUnits,
                       kTaps = 2;
  static constexpr const winograd::Matrices& kMatrices = winograd::kIntegerMatrices;

  static Vector zero() { return Vector{}; }
  static Vector load(const Value* from) {
    Vector a;
    std::memcpy(&a, from, sizeof a);
    return a;
  }
  static Vector broadcast(const Value* from) {
    const std::int32_t pair = pair_at(from);
    return Vector{pair, pair, pair, pair};
  }
  static Vector multiply_add(Vector a, Vector b, Vector c) {
#if defined(__SSE2__)  // which multiplies no 32-bit integers
    return c + reinterpret_cast<Vector>(
                   _mm_madd_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
    return c + (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
#endif
  }
  static Portable::Vector to_floats(Vector a) {
    return __builtin_convertvector(a, Portable::Vector);
  }
};

constexpr Kernels kTable{StemRows<Portable>::kKernels, StemRows<PortablePairs>::kKernels, &windows<Portable>,
                         &largest<Portable>};

}  // namespace

const Kernels& portable_kernels() {
  return kTable;
}

}  // namespace tern::floats
