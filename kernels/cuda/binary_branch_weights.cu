// Bytes per weight: preparation 8 read, 1 written, and 4 of a weight that is clamped; gradients 12 read, 8
// written.
#include "tern/kernels/binary_branch_weights.h"
#include "tern/kernels/cuda/clamp_latents.cuh"
#include "tern/kernels/cuda/latent_gradient.cuh"

namespace tern::kernels::cuda {
namespace {

template <int Width>
__global__ void __launch_bounds__(kFilterBlock)
    binary_branch_weights_kernel(std::int64_t n, float* w1, float* w2, std::int8_t* ternary, float* scale) {
  double sum = 0;
  for_each_weight<Width>(n, [&](std::int64_t i) {
    auto a = load<Width>(w1 + i), b = load<Width>(w2 + i);
    if (clamp_latents(a)) store(w1 + i, a);
    if (clamp_latents(b)) store(w2 + i, b);
    Vector<std::int8_t, Width> t;
    for (int k = 0; k < Width; ++k) {
      sum += fabsf(a.at[k]) + fabsf(b.at[k]);
      t.at[k] = ternary_weight(a.at[k], b.at[k]);
    }
    store(ternary + i, t);
  });
  sum = block_sum(sum);
  if (threadIdx.x == 0) scale[blockIdx.x] = scale_of_filter(sum, n);
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
  const GradientPair pair{latent_weights<const float>(dt, w1, w2, scale), dw1.data<float>(),
                          dw2.data<float>()};
  for_each_latent_gradient(rule, std::vector{pair}, StoreGradients{});
}

void binary_branch_gradient(const Tensor& dt, const Tensor& w1, const Tensor& w2, const Tensor& scale,
                            WeightGradientRule rule, int branch, Tensor& dw) {
  const GradientPair pair{latent_weights<const float>(dt, w1, w2, scale), dw.data<float>(), dw.data<float>()};
  if (branch == 0) {
    for_each_latent_gradient(rule, std::vector{pair}, StoreGradient<0>{});
  } else {
    for_each_latent_gradient(rule, std::vector{pair}, StoreGradient<1>{});
  }
}

}  // namespace tern::kernels::cuda
