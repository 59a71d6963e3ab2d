#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/sample_loss.cuh"
#include "tern/kernels/distillation_loss.h"

namespace tern::kernels::cuda {

void distillation_loss(const Tensor& student, const Tensor& teacher, Tensor& loss, Tensor& difference) {
  const std::int64_t classes = student.dim(1);
  const float *ps = student.data<float>(), *pt = teacher.data<float>();
  float* pd = difference.data<float>();
  const auto sample_loss = [=] __device__(std::int64_t n) {
    const double student_log_sum = warp_log_sum_exp(ps + n * classes, classes);
    const double teacher_log_sum = warp_log_sum_exp(pt + n * classes, classes);
    double sum = 0;
    for (std::int64_t k = n * classes + lane_index(); k < (n + 1) * classes; k += kWarpSize) {
      const double log_q = ps[k] - student_log_sum;
      const double p = std::exp(pt[k] - teacher_log_sum);
      sum -= p * log_q;
      pd[k] = static_cast<float>(std::exp(log_q) - p);
    }
    return warp_sum(sum);
  };
  mean_loss(student.dim(0), sample_loss, loss);
}

void distillation_loss_backward(const Tensor& dloss, const Tensor& difference, Tensor& dstudent) {
  const float *upstream = dloss.data<float>(), *pd = difference.data<float>();
  const float samples = static_cast<float>(difference.dim(0));
  float* out = dstudent.data<float>();
  for_each_element(difference.numel(), [=] __device__(std::int64_t i) {
    const float scale = *upstream / samples;
    out[i] = scale * pd[i];
  });
}

}  // namespace tern::kernels::cuda
