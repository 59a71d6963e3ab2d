#include "tern/kernels/common/class_order.h"
#include "tern/kernels/count_correct.h"
#include "tern/kernels/cuda/for_each_sample.cuh"

namespace tern::kernels::cuda {

std::int64_t count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k) {
  const std::int64_t classes = logits.dim(1);
  const float* px = logits.data<float>();
  const std::int64_t* label = labels.data<std::int64_t>();
  Tensor correct = Tensor::zeros({1}, DType::i32, logits.device());
  std::int32_t* count = correct.data<std::int32_t>();
  for_each_sample(logits.dim(0), [=] __device__(std::int64_t n) {
    const float* x = px + n * classes;
    int before = 0;
    for (std::int64_t j = lane_index(); j < classes; j += kWarpSize)
      before += comes_before_label(x, j, label[n]);
    const int rank = warp_sum(before);
    if (lane_index() == 0 && rank < k) atomic_add(count, 1);
  });
  return correct.to_vector<std::int32_t>().front();
}

}  // namespace tern::kernels::cuda
