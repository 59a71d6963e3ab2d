#include "tern/kernels/adam_step.h"
#include "tern/kernels/cuda/for_each_tensor.cuh"

namespace tern::kernels::cuda {
namespace {

struct AdamPointers {
  float* w;
  const float* dw;
  float *m, *v;
  std::int64_t size;
};

}  // namespace

void adam_step(std::vector<AdamParameter>& parameters, const AdamCoefficients& coefficients) {
  std::vector<AdamPointers> tensors;
  for (AdamParameter& p : parameters) {
    const Tensor& dw = p.dw;
    tensors.push_back(
        {p.w.data<float>(), dw.data<float>(), p.m.data<float>(), p.v.data<float>(), p.w.numel()});
  }
  for_each_tensor_element(tensors, [c = coefficients] __device__(const AdamPointers& p, std::int64_t i) {
    adam_update(c, p.dw[i], p.w[i], p.m[i], p.v[i]);
  });
}

}  // namespace tern::kernels::cuda
