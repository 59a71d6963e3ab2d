#include "tern/kernels/cuda/for_each_tensor.cuh"
#include "tern/kernels/sgd_step.h"

namespace tern::kernels::cuda {
namespace {

struct SgdPointers {
  float* w;
  const float* dw;
  float* buffer;  // null without momentum
  std::int64_t size;
};

}  // namespace

void sgd_step(std::vector<SgdParameter>& parameters, const SgdStep& step) {
  std::vector<SgdPointers> tensors;
  for (SgdParameter& p : parameters) {
    const Tensor& dw = p.dw;
    float* buffer = step.momentum == 0 ? nullptr : p.buffer.data<float>();
    tensors.push_back({p.w.data<float>(), dw.data<float>(), buffer, p.w.numel()});
  }
  for_each_tensor_element(tensors, [s = step] __device__(const SgdPointers& p, std::int64_t i) {
    if (p.buffer == nullptr) {
      sgd_update(s, p.dw[i], p.w[i]);
    } else {
      sgd_momentum_update(s, p.dw[i], p.w[i], p.buffer[i]);
    }
  });
}

}  // namespace tern::kernels::cuda
