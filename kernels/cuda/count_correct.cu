#include "tern/kernels/common/class_order.h"
#include "tern/kernels/count_correct.h"
#include "tern/kernels/cuda/for_each_sample.cuh"

namespace tern::kernels::cuda {

void count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k, Tensor& count) {
  const std::int64_t classes = logits.dim(1);
  const float* px = logits.data<float>();
  const std::int64_t* label = labels.data<std::int64_t>();
  std::int32_t* correct = count.data<std::int32_t>();
  for_each_sample(logits.dim(0), [=] __device__(std::int64_t n) {
    if (label[n] < 0 || label[n] >= classes) return;
    const float* x = px + n * classes;
    int before = 0;
    for (std::int64_t j = lane_index(); j < classes; j += kWarpSize)
      before += comes_before_label(x, j, label[n]);
    const int rank = warp_sum(before);
    if (lane_index() == 0 && rank < k) atomic_add(correct, 1);
  });
}

}  // namespace tern::kernels::cuda
