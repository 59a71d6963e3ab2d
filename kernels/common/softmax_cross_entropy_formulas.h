// The scalar formulas of the softmax cross entropy, shared by all devices.
#pragma once

#include <cstdint>

#include "tern/core/host_device.h"

namespace tern::kernels {

/// The weight of a class; `weights` is null where all are 1.
TERN_HOST_DEVICE inline float class_weight(const float* weights, std::int64_t k) {
  return weights == nullptr ? 1.0F : weights[k];
}

/// The loss of a sample from minus the log-probability of its label, times its weight, and the sum of all
/// log-probabilities, times theirs.
TERN_HOST_DEVICE inline double smoothed_loss(double label_loss, double log_probability_sum,
                                             std::int64_t classes, float label_smoothing) {
  // Without smoothing, classes of probability 0 (log -inf) must not count: 0 * inf is NaN.
  if (label_smoothing == 0) return label_loss;
  return (1.0 - label_smoothing) * label_loss -
         label_smoothing * log_probability_sum / static_cast<double>(classes);
}

/// What training wants as the probability of a class, before its weight.
TERN_HOST_DEVICE inline float smoothed_target(bool is_label, std::int64_t classes, float label_smoothing) {
  return (is_label ? 1.0F - label_smoothing : 0.0F) + label_smoothing / static_cast<float>(classes);
}

}  // namespace tern::kernels
