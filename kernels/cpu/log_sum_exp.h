#pragma once

#include <cmath>
#include <cstdint>

namespace tern::kernels::cpu {

/// log(sum_k exp(x_k)) without overflow; x_k minus it is the log-softmax. NaN if an element is NaN or +inf.
inline double log_sum_exp(const float* x, std::int64_t size) {
  float largest = x[0];
  for (std::int64_t k = 1; k < size; ++k) largest = x[k] > largest ? x[k] : largest;
  double sum = 0;
  for (std::int64_t k = 0; k < size; ++k) sum += std::exp(x[k] - largest);
  return largest + std::log(sum);
}

}  // namespace tern::kernels::cpu
