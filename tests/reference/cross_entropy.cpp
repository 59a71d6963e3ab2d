#include "tests/reference/cross_entropy.h"

#include <cmath>

namespace tern::reference {
namespace {

double exp_sum(const float* row, std::int64_t classes) {
  double sum = 0;
  for (std::int64_t k = 0; k < classes; ++k) sum += std::exp(double{row[k]});
  return sum;
}

}  // namespace

double cross_entropy(const Tensor& logits, const Tensor& targets) {
  const std::int64_t samples = logits.dim(0), classes = logits.dim(1);
  double total = 0;
  for (std::int64_t n = 0; n < samples; ++n) {
    const float* row = logits.data<float>() + n * classes;
    for (std::int64_t k = 0; k < classes; ++k) {
      total -= targets.data<float>()[n * classes + k] * (row[k] - std::log(exp_sum(row, classes)));
    }
  }
  return total / static_cast<double>(samples);
}

Tensor softmax(const Tensor& logits) {
  const std::int64_t classes = logits.dim(1);
  Tensor p = Tensor::empty_like(logits);
  for (std::int64_t i = 0; i < logits.numel(); ++i) {
    const float* row = logits.data<float>() + i / classes * classes;
    p.data<float>()[i] =
        static_cast<float>(std::exp(double{logits.data<float>()[i]}) / exp_sum(row, classes));
  }
  return p;
}

}  // namespace tern::reference
