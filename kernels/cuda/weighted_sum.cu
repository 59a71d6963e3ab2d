#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/for_each_tensor.cuh"
#include "tern/kernels/weighted_sum.h"

namespace tern::kernels::cuda {
namespace {

struct AveragePointers {
  float* average;
  const float* x;
  std::int64_t size;
};

}  // namespace

void weighted_sum(float a, const Tensor& x, float b, const Tensor& y, Tensor& out) {
  const float* px = x.data<float>();
  const float* py = y.defined() ? y.data<float>() : nullptr;
  float* po = out.data<float>();
  for_each_element(out.numel(), [=] __device__(std::int64_t i) {
    po[i] = py == nullptr ? a * px[i] : a * px[i] + b * py[i];
  });
}

void update_averages(std::vector<MovingAverage>& averages, float decay) {
  std::vector<AveragePointers> tensors;
  for (MovingAverage& a : averages) {
    const Tensor& x = a.x;
    tensors.push_back({a.average.data<float>(), x.data<float>(), x.numel()});
  }
  for_each_tensor_element(tensors,
                          [decay, rest = 1 - decay] __device__(const AveragePointers& p, std::int64_t i) {
                            p.average[i] = decay * p.average[i] + rest * p.x[i];
                          });
}

}  // namespace tern::kernels::cuda
