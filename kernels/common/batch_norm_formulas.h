// The scalar formulas of the batch norm and its fused relatives, shared by all devices: given equal terms,
// forward and backward, CPU and GPU decide every threshold alike.
//
// With the input s * x (s = 1 but for the scaled convolution output) and g the gradient that arrives at t:
//   x_hat = (s * x - mean) * inv_std,   t = (s * x - mean) * gain + beta   with gain = gamma * inv_std
//   dbeta = sum g,  dgamma = sum g * x_hat,  dx = s * gain * (g - (dbeta + x_hat * dgamma) / R)
#pragma once

#include <cmath>

#include "tern/core/host_device.h"

namespace tern::kernels {

TERN_HOST_DEVICE inline float centred(float x, float scale, float mean) {
  return scale * x - mean;
}

/// t of a centred value.
TERN_HOST_DEVICE inline float normalised(float centred_x, float gain, float beta) {
  return centred_x * gain + beta;
}

/// 0 for a finite t; NaN for NaN and infinity. Sums of it find non-finite values without a branch.
TERN_HOST_DEVICE inline float poison(float t) {
  return t - t;
}

/// dx, where mean_g = dbeta / R and mean_gx = dgamma / R, or zeros where mean and inv_std are constants.
TERN_HOST_DEVICE inline float normalised_gradient(float g, float x_hat, float scale, float gain, float mean_g,
                                                  float mean_gx) {
  return scale * (gain * (g - mean_g - x_hat * mean_gx));
}

/// 1 / sqrt(variance + eps), rounded once from double.
TERN_HOST_DEVICE inline float inverse_deviation(double variance, float eps) {
  return static_cast<float>(1.0 / sqrt(variance + static_cast<double>(eps)));
}

}  // namespace tern::kernels
