#include "kernels/count_correct.h"

namespace tern::kernels::cpu {
namespace {

// Number of classes that come before the label. The negated comparisons count a NaN as coming before.
std::int64_t rank_of_label(const float* logits, std::int64_t classes, std::int64_t label) {
  const float own = logits[label];
  std::int64_t rank = 0;
  for (std::int64_t j = 0; j < label; ++j) rank += !(logits[j] < own);
  for (std::int64_t j = label + 1; j < classes; ++j) rank += !(logits[j] <= own);
  return rank;
}

}  // namespace

std::int64_t count_correct(const Tensor& logits, const Tensor& labels, std::int64_t k) {
  const std::int64_t classes = logits.dim(1);
  const float* x = logits.data<float>();
  const std::int64_t* label = labels.data<std::int64_t>();
  std::int64_t correct = 0;
  for (std::int64_t n = 0; n < logits.dim(0); ++n) {
    correct += rank_of_label(x + n * classes, classes, label[n]) < k;
  }
  return correct;
}

}  // namespace tern::kernels::cpu
