#include "tern/kernels/weighted_sum.h"

#include "tern/core/parallel.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kGrain = 1 << 14;

}  // namespace

void weighted_sum(float a, const Tensor& x, float b, const Tensor& y, Tensor& out) {
  const float* px = x.data<float>();
  const float* py = y.defined() ? y.data<float>() : nullptr;
  float* po = out.data<float>();
  parallel_for(0, out.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
    if (py == nullptr) {
#pragma omp simd
      for (std::int64_t i = first; i < last; ++i) po[i] = a * px[i];
    } else {
#pragma omp simd
      for (std::int64_t i = first; i < last; ++i) po[i] = a * px[i] + b * py[i];
    }
  });
}

void update_averages(std::vector<MovingAverage>& averages, float decay) {
  for (MovingAverage& a : averages) weighted_sum(decay, a.average, 1 - decay, a.x, a.average);
}

}  // namespace tern::kernels::cpu
