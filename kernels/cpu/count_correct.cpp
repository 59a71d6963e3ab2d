#include "tern/kernels/count_correct.h"

#include "tern/kernels/common/class_order.h"

namespace tern::kernels::cpu {

void count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k, Tensor& count) {
  const std::int64_t classes = logits.dim(1);
  const float* x = logits.data<float>();
  const std::int64_t* label = labels.data<std::int64_t>();
  std::int32_t& correct = *count.data<std::int32_t>();
  for (std::int64_t n = 0; n < logits.dim(0); ++n, x += classes) {
    std::int64_t rank = 0;
    for (std::int64_t j = 0; j < classes; ++j) rank += comes_before_label(x, j, label[n]);
    correct += rank < k;
  }
}

}  // namespace tern::kernels::cpu
