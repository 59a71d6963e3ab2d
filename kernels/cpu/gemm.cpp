#include "tern/kernels/cpu/gemm.h"

#include <algorithm>
#include <atomic>

#include "tern/core/error.h"
#include "tern/core/parallel.h"
#include "tern/kernels/cpu/onednn.h"

namespace tern::kernels::cpu {
namespace {

struct Product {
  std::int64_t m, n, k;
  GemmFactor a, b;
  float* c;

  /// Computes rows `first` to before `last` of c, from `column` on.
  dnnl_status_t compute(std::int64_t first, std::int64_t last, std::int64_t column) const {
    const SingleThread single_thread;
    return dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', last - first, n - column, k, 1.0F,
                      a.data + (a.transposed ? first : first * a.stride), a.stride,
                      b.data + (b.transposed ? column * b.stride : column), b.stride, 0.0F,
                      c + first * n + column, n);
  }

  /// Calls block(i) for 0 <= i < count, in parallel, which is to return what compute() does.
  template <class Block>
  void compute_blocks(std::int64_t count, const Block& block) const {
    if (m == 0 || n == 0) return;
    if (k == 0) {
      std::fill_n(c, m * n, 0.0F);
      return;
    }
    static const bool checked = (require_memory_for_code(), true);  // it writes code at the first product
    static_cast<void>(checked);
    std::atomic<dnnl_status_t> status{dnnl_success};
    parallel_for(0, count, 1, [&](std::int64_t i, std::int64_t end) {
      for (; i < end; ++i) {
        const dnnl_status_t result = block(i);
        if (result != dnnl_success) status = result;
      }
    });
    require<Error>(status == dnnl_success, "gemm: oneDNN gave status {} for ({}, {}) times ({}, {})",
                   static_cast<int>(status.load()), m, k, k, n);
  }
};

/// Below the diagonal, what is above it in these rows of c (n, n).
void mirror(std::int64_t first, std::int64_t last, std::int64_t n, float* c) {
  for (std::int64_t column = first + 1; column < n; ++column) {
    for (std::int64_t row = first; row < std::min(column, last); ++row)
      c[column * n + row] = c[row * n + column];
  }
}

}  // namespace

void gemm(std::int64_t m, std::int64_t n, std::int64_t k, GemmFactor a, GemmFactor b, float* c) {
  const Product product{m, n, k, a, b, c};
  // Each block of rows packs b again, so there must not be too many of them.
  const Chunks blocks(m, 32, 16);
  product.compute_blocks(blocks.count(),
                         [&](std::int64_t i) { return product.compute(blocks.begin(i), blocks.end(i), 0); });
}

void symmetric_gemm(std::int64_t n, std::int64_t k, GemmFactor a, GemmFactor b, float* c) {
  const Product product{n, n, k, a, b, c};
  // Smaller blocks leave out more below the diagonal, larger ones are faster each.
  const Chunks blocks(n, 48, 16);
  const auto compute = [&](std::int64_t i) {
    const std::int64_t first = blocks.begin(i), last = blocks.end(i);
    const dnnl_status_t status = product.compute(first, last, first);
    mirror(first, last, n, c);
    return status;
  };
  // The first rows are the longest: one of them and one of the last at a time.
  product.compute_blocks((blocks.count() + 1) / 2, [&](std::int64_t i) {
    const std::int64_t other = blocks.count() - 1 - i;
    const dnnl_status_t status = compute(i);
    return status != dnnl_success || other == i ? status : compute(other);
  });
}

}  // namespace tern::kernels::cpu
