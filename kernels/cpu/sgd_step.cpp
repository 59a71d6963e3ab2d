#include "kernels/sgd_step.h"

#include "core/parallel.h"

namespace tern::kernels::cpu {

namespace {

constexpr std::int64_t kGrain = 1 << 14;

void plain_step(float* w, const float* dw, std::int64_t size, const SgdStep& step) {
  parallel_for(0, size, kGrain, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const float g = step.gradient_scale * dw[i] + step.weight_decay * w[i];
      w[i] -= step.lr * g;
    }
  });
}

void momentum_step(float* w, const float* dw, float* buffer, std::int64_t size, const SgdStep& step) {
  parallel_for(0, size, kGrain, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const float g = step.gradient_scale * dw[i] + step.weight_decay * w[i];
      const float b = step.momentum * buffer[i] + g;
      buffer[i] = b;
      w[i] -= step.lr * (step.nesterov ? g + step.momentum * b : b);
    }
  });
}

}  // namespace

void sgd_step(Tensor& w, const Tensor& dw, Tensor& buffer, const SgdStep& step) {
  if (step.momentum == 0) {
    plain_step(w.data<float>(), dw.data<float>(), w.numel(), step);
  } else {
    momentum_step(w.data<float>(), dw.data<float>(), buffer.data<float>(), w.numel(), step);
  }
}

}  // namespace tern::kernels::cpu
