// Bytes per weight: preparation 8 read, 9 written; gradients 12 read, 8 written.
#include "kernels/binary_branch_weights.h"
#include "kernels/cuda/latent_gradient.cuh"
#include "kernels/cuda/launch.cuh"

namespace tern::kernels::cuda {
namespace {

template <int Width>
__global__ void __launch_bounds__(kFilterBlock)
    binary_branch_weights_kernel(std::int64_t n, float* w1, float* w2, std::int8_t* ternary, float* scale) {
  double sum = 0;
  for_each_weight<Width>(n, [&](std::int64_t i) {
    auto a = load<Width>(w1 + i), b = load<Width>(w2 + i);
    Vector<std::int8_t, Width> t;
    for (int k = 0; k < Width; ++k) {
      a.at[k] = clamp_latent(a.at[k]);
      b.at[k] = clamp_latent(b.at[k]);
      sum += fabsf(a.at[k]) + fabsf(b.at[k]);
      t.at[k] = ternary_weight(a.at[k], b.at[k]);
    }
    store(w1 + i, a);
    store(w2 + i, b);
    store(ternary + i, t);
  });
  sum = block_sum(sum);
  if (threadIdx.x == 0) scale[blockIdx.x] = scale_of_filter(sum, n);
}

template <WeightGradientRule rule, int Width>
__global__ void __launch_bounds__(kFilterBlock)
    latent_gradient_kernel(std::int64_t n, LatentWeights w, float* dw1, float* dw2) {
  const LatentGradient<rule> gradient = gradient_of_filter<rule, Width>(n, w);
  const float to_g = inverse_scale(w.scale[blockIdx.x]);
  for_each_weight<Width>(n, [&](std::int64_t i) {
    const auto dt = load<Width>(w.dt + i), w1 = load<Width>(w.w1 + i), w2 = load<Width>(w.w2 + i);
    Vector<float, Width> gradient1, gradient2;
    for (int k = 0; k < Width; ++k) {
      const float g = dt.at[k] * to_g;
      gradient1.at[k] = gradient.of_first(g, w1.at[k]);
      gradient2.at[k] = gradient.of_second(g, w2.at[k]);
    }
    store(dw1 + i, gradient1);
    store(dw2 + i, gradient2);
  });
}

}  // namespace

void binary_branch_weights(Tensor& w1, Tensor& w2, Tensor& ternary, Tensor& scale) {
  if (w1.dim(0) == 0) return;
  const std::int64_t n = w1.numel() / w1.dim(0);
  visit_width(n, [&](auto width) {
    TERN_LAUNCH(binary_branch_weights_kernel<width>, {dim3(blocks_for(w1.dim(0), 1)), dim3(kFilterBlock)}, n,
                w1.data<float>(), w2.data<float>(), ternary.data<std::int8_t>(), scale.data<float>());
  });
}

void binary_branch_weights_backward(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                                    WeightGradientRule rule, Tensor& dw1, Tensor& dw2) {
  if (dt.dim(0) == 0) return;
  const std::int64_t n = dt.numel() / dt.dim(0);
  const LatentWeights latent{dt.data<float>(), w1.data<float>(), w2.data<float>(), scale.data<float>()};
  visit_rule(rule, [&](auto r) {
    visit_width(n, [&](auto width) {
      TERN_LAUNCH((latent_gradient_kernel<r, width>), {dim3(blocks_for(dt.dim(0), 1)), dim3(kFilterBlock)}, n,
                  latent, dw1.data<float>(), dw2.data<float>());
    });
  });
}

}  // namespace tern::kernels::cuda
