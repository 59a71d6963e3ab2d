#include "kernels/add.h"

#include "core/parallel.h"

namespace tern::kernels::cpu {

constexpr std::int64_t kGrain = 1 << 14;

void add(const Tensor& a, const Tensor& b, Tensor& y) {
  const float* pa = a.data<float>();
  const float* pb = b.data<float>();
  float* py = y.data<float>();
  parallel_for(0, a.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) py[i] = pa[i] + pb[i];
  });
}

void accumulate(Tensor& total, const Tensor& x) {
  float* sum = total.data<float>();
  const float* px = x.data<float>();
  parallel_for(0, x.numel(), kGrain, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) sum[i] += px[i];
  });
}

}  // namespace tern::kernels::cpu
