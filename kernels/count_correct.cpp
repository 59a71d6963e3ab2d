#include "tern/kernels/count_correct.h"

#include "tern/kernels/common/check_logits.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

std::int64_t count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k) {
  static constexpr Kernel<decltype(cpu::count_correct)> kernel{"count_correct", &cpu::count_correct,
                                                               TERN_CUDA_KERNEL(cuda::count_correct)};
  check_logits("count_correct", "logits", logits);
  check_labels("count_correct", labels, logits);
  require<ShapeError>(k >= 1, "count_correct: k is {}, expected at least 1", k);
  return kernel(logits.device(), logits, labels, k);
}

}  // namespace tern::kernels
