#include "tern/kernels/cpu/gemm.h"

#include <atomic>

#include "tern/core/error.h"
#include "tern/core/parallel.h"
#include "tern/kernels/cpu/onednn.h"

namespace tern::kernels::cpu {
namespace {

dnnl_status_t gemm_rows(std::int64_t first, std::int64_t last, std::int64_t n, std::int64_t k,
                        const GemmFactor& a, const GemmFactor& b, float* c) {
  const SingleThread single_thread;
  const float* rows = a.data + (a.transposed ? first : first * a.stride);
  return dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', last - first, n, k, 1.0F, rows,
                    a.stride, b.data, b.stride, 0.0F, c + first * n, n);
}

}  // namespace

void gemm(std::int64_t m, std::int64_t n, std::int64_t k, GemmFactor a, GemmFactor b, float* c) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    std::fill_n(c, m * n, 0.0F);
    return;
  }
  static const bool checked = (require_memory_for_code(), true);  // it writes code at the first product
  static_cast<void>(checked);
  // Each block of rows packs b again, so there must not be too many of them.
  const Chunks blocks(m, 32, 16);
  std::atomic<dnnl_status_t> status{dnnl_success};
  parallel_for(0, blocks.count(), 1, [&](std::int64_t block, std::int64_t end) {
    for (; block < end; ++block) {
      const dnnl_status_t result = gemm_rows(blocks.begin(block), blocks.end(block), n, k, a, b, c);
      if (result != dnnl_success) status = result;
    }
  });
  require<Error>(status == dnnl_success, "gemm: oneDNN gave status {} for ({}, {}) times ({}, {})",
                 static_cast<int>(status.load()), m, k, k, n);
}

}  // namespace tern::kernels::cpu
