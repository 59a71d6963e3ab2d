#include <cstring>

#include "tern/kernels/cpu/floats/row.h"

namespace tern::floats {
namespace {

// Vectors of 128 bits, which SSE2 and NEON have: 8 sums of 2 pixels or tiles x 1 group of four vectors.
struct Portable {
  typedef float Vector __attribute__((vector_size(16)));
  static constexpr int kLanes = 4, kGroups = 1, kUnits = 2;

  static Vector zero() { return Vector{}; }
  static Vector load(const float* from) {
    Vector a;
    std::memcpy(&a, from, sizeof a);
    return a;
  }
  static Vector broadcast(const float* from) { return Vector{*from, *from, *from, *from}; }
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

}  // namespace

const Kernels& portable_kernels() {
  return RowKernels<Portable>::kTable;
}

}  // namespace tern::floats
