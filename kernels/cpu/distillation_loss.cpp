#include "tern/kernels/distillation_loss.h"

#include <numeric>
#include <vector>

#include "tern/core/parallel.h"
#include "tern/kernels/cpu/log_sum_exp.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kGrain = 16;  // samples

// Writes softmax(student) - softmax(teacher) to `difference` and returns the loss of the sample.
double sample_loss(const float* student, const float* teacher, std::int64_t classes, float* difference) {
  const double student_log_sum = log_sum_exp(student, classes);
  const double teacher_log_sum = log_sum_exp(teacher, classes);
  double loss = 0;
  for (std::int64_t k = 0; k < classes; ++k) {
    const double log_q = student[k] - student_log_sum;
    const double p = std::exp(teacher[k] - teacher_log_sum);
    loss -= p * log_q;
    difference[k] = static_cast<float>(std::exp(log_q) - p);
  }
  return loss;
}

}  // namespace

void distillation_loss(const Tensor& student, const Tensor& teacher, Tensor& loss, Tensor& difference) {
  const std::int64_t samples = student.dim(0), classes = student.dim(1);
  const float* ps = student.data<float>();
  const float* pt = teacher.data<float>();
  float* pd = difference.data<float>();
  std::vector<double> losses(static_cast<std::size_t>(samples));
  double* out = losses.data();
  parallel_for(0, samples, kGrain, [=](std::int64_t n, std::int64_t last) {
    for (; n < last; ++n) {
      out[n] = sample_loss(ps + n * classes, pt + n * classes, classes, pd + n * classes);
    }
  });
  const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
  *loss.data<float>() = static_cast<float>(total / static_cast<double>(samples));
}

void distillation_loss_backward(const Tensor& dloss, const Tensor& difference, Tensor& dstudent) {
  const float scale = *dloss.data<float>() / static_cast<float>(difference.dim(0));
  const float* pd = difference.data<float>();
  float* out = dstudent.data<float>();
  for (std::int64_t i = 0; i < difference.numel(); ++i) out[i] = scale * pd[i];
}

}  // namespace tern::kernels::cpu
