// Adam's update of one element, shared by all devices.
#pragma once

#include <cmath>

#include "tern/core/host_device.h"

namespace tern::kernels {

/// The coefficients of a step (see AdamStep), computed in double.
struct AdamCoefficients {
  float gradient_scale;
  float l2;           ///< weight_decay if coupled, else 0.
  float shrink;       ///< 1 - lr*weight_decay if decoupled, else 1.
  float m_rate;       ///< 1 - beta1.
  float v_decay;      ///< beta2.
  float v_rate;       ///< 1 - beta2.
  float step_size;    ///< lr / (1 - beta1^t).
  float root_v_bias;  ///< sqrt(1 - beta2^t).
  float eps;
};

TERN_HOST_DEVICE inline void adam_update(const AdamCoefficients& c, float dw, float& w, float& m, float& v) {
  const float g = c.gradient_scale * dw + c.l2 * w;
  const float moment = m + c.m_rate * (g - m);
  const float square = c.v_decay * v + c.v_rate * g * g;
  m = moment;
  v = square;
  w = c.shrink * w - c.step_size * moment / (std::sqrt(square) / c.root_v_bias + c.eps);
}

}  // namespace tern::kernels
