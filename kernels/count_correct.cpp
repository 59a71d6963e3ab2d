#include "tern/kernels/count_correct.h"

#include "tern/kernels/common/check_logits.h"
#include "tern/kernels/common/dispatch.h"

namespace tern::kernels {

Tensor count_correct_on_device(const Tensor& logits, const Tensor& labels, std::int64_t k) {
  static constexpr Kernel<decltype(cpu::count_correct)> kernel{"count_correct", &cpu::count_correct,
                                                               TERN_CUDA_KERNEL(cuda::count_correct)};
  check_logits("count_correct", "logits", logits);
  check_labels("count_correct", labels, logits);
  require<ShapeError>(k >= 1, "count_correct: k is {}, expected at least 1", k);
  Tensor count = Tensor::zeros({1}, DType::i32, logits.device());
  kernel(logits.device(), logits, labels, k, count);
  return count;
}

std::int64_t count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k) {
  return count_correct_on_device(logits, labels, k).to_vector<std::int32_t>().front();
}

}  // namespace tern::kernels
