// Single-precision matrix products through oneDNN, independent of the number of threads.
#pragma once

#include <cstdint>

namespace tern::kernels::cpu {

/// A row-major factor of a product. Stored (rows, stride); with `transposed`, the factor is its transpose.
struct GemmFactor {
  const float* data;
  std::int64_t stride;
  bool transposed = false;
};

/// c (m, n), dense, = a (m, k) times b (k, n). Throws Error if oneDNN refuses.
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, GemmFactor a, GemmFactor b, float* c);

/// The same of a product c (n, n) that is symmetric: about half of it is computed, and c is symmetric to the
/// bit.
void symmetric_gemm(std::int64_t n, std::int64_t k, GemmFactor a, GemmFactor b, float* c);

}  // namespace tern::kernels::cpu
