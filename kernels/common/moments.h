// Mean and variance from sums: the one formula of all devices, so that equal sums give equal bits.
#pragma once

#include <cmath>
#include <cstdint>

#include "tern/core/host_device.h"

namespace tern::kernels {

struct Moments {
  float mean;
  float variance;  // biased
};

/// Moments of `rows` >= 1 integers with the given sum and sum of squares. The explicit fma leaves no compiler
/// a choice whether to contract; the variance is off by at most a few units of double in the mean square.
TERN_HOST_DEVICE inline Moments integer_moments(std::int64_t sum, std::int64_t sum_of_squares,
                                                std::int64_t rows) {
  const double count = static_cast<double>(rows);
  const double mean = static_cast<double>(sum) / count;
  const double variance = fma(-mean, mean, static_cast<double>(sum_of_squares) / count);
  return {static_cast<float>(mean), static_cast<float>(variance < 0 ? 0.0 : variance)};
}

/// Moments of `rows` >= 1 numbers x from the sums of d and of d^2, d = x - pivot. Any x serves as the pivot:
/// E[d^2] - E[d]^2 does not cancel as E[x^2] - E[x]^2 does when the mean is large against the deviation.
TERN_HOST_DEVICE inline Moments pivoted_moments(float pivot, double sum, double sum_of_squares,
                                                std::int64_t rows) {
  const double count = static_cast<double>(rows);
  const double mean = sum / count;
  const double variance = sum_of_squares / count - mean * mean;
  // Not max(0, variance): that would turn a NaN into 0.
  return {static_cast<float>(pivot + mean), static_cast<float>(variance < 0 ? 0.0 : variance)};
}

}  // namespace tern::kernels
