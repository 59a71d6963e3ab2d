// The update of one element by stochastic gradient descent, shared by all devices.
#pragma once

#include "tern/core/host_device.h"

namespace tern::kernels {

struct SgdStep {
  float lr = 0;
  float momentum = 0;
  float weight_decay = 0;
  float gradient_scale = 1;
  bool nesterov = false;
};

/// Without momentum.
TERN_HOST_DEVICE inline void sgd_update(const SgdStep& step, float dw, float& w) {
  w -= step.lr * (step.gradient_scale * dw + step.weight_decay * w);
}

TERN_HOST_DEVICE inline void sgd_momentum_update(const SgdStep& step, float dw, float& w, float& buffer) {
  const float g = step.gradient_scale * dw + step.weight_decay * w;
  const float b = step.momentum * buffer + g;
  buffer = b;
  w -= step.lr * (step.nesterov ? g + step.momentum * b : b);
}

}  // namespace tern::kernels
