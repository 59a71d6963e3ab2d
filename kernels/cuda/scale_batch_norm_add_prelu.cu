#include "kernels/cuda/normalise.cuh"
#include "kernels/prelu_formulas.h"
#include "kernels/scale_batch_norm_add_prelu.h"
#include "kernels/visit_elements.h"

namespace tern::kernels::cuda {
namespace {

/// Bytes per element of an i16 z: 6 read, 4 written.
template <int Width, class Integer>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    scale_batch_norm_add_prelu_kernel(ChannelGrid grid, const Integer* z, TermPointers pointers,
                                      const float* shortcut, const float* slopes, float* y,
                                      std::int32_t* non_finite) {
  const ChannelSlot<Width> slot(grid);
  if (!slot.has_channel()) return;
  ChannelTerms terms[Width];
  for (int k = 0; k < Width; ++k) terms[k] = ChannelTerms(pointers, slot.channel + k);
  const auto slope = load<Width>(slopes + slot.channel);
  float poisoned = 0;
  for (int step = 0; step < slot.steps; ++step) {
    if (!slot.owns(step)) continue;
    const auto integers = load<Width>(z + slot.element(step));
    const auto residual = load<Width>(shortcut + slot.element(step));
    Vector<float, Width> result;
    for (int k = 0; k < Width; ++k) {
      const float centred = terms[k].centred(static_cast<float>(integers.at[k]));
      result.at[k] = prelu_value(terms[k].normalised(centred) + residual.at[k], slope.at[k]);
      poisoned += poison(result.at[k]);
    }
    store(y + slot.element(step), result);
  }
  if (poisoned != 0) atomic_or(non_finite, 1);
}

/// First pass of the backward: du, and the sums dbeta, dgamma and dslope. Bytes per element: 10 read, 4
/// written; the second pass reads 6 and writes 4.
template <class Integer>
struct TailSums {
  const float* dy;
  const Integer* z;
  TermPointers pointers;
  const float* shortcut;
  const float* slope;
  std::int64_t channels;
  float* du;

  __device__ void operator()(std::int64_t row, std::int64_t channel, float (&sums)[3]) const {
    const ChannelTerms t(pointers, channel);
    const std::int64_t i = row * channels + channel;
    const float centred = t.centred(static_cast<float>(z[i]));
    const float u = t.normalised(centred) + shortcut[i];
    const float upstream = dy[i];
    const float g = prelu_gradient(upstream, u, slope[channel]);
    du[i] = g;
    sums[0] += g;
    sums[1] += g * (centred * t.inv_std);
    sums[2] += prelu_slope_gradient(upstream, u);
  }
};

struct StoreTailSums {
  StoreSums batch_norm;
  float* dslope;

  __device__ void operator()(std::int64_t channel, const double* sums) const {
    batch_norm(channel, sums);
    dslope[channel] = static_cast<float>(sums[2]);
  }
};

}  // namespace

void scale_batch_norm_add_prelu(const Tensor& z, const Tensor& scale, const BatchNormTerms& terms,
                                const Tensor& shortcut, const Tensor& slope, Tensor& y,
                                std::int32_t* non_finite) {
  visit_integers(z, [&](const auto* integers) {
    using Integer = std::remove_const_t<std::remove_pointer_t<decltype(integers)>>;
    visit_width(z.dim(-1), [&](auto width) {
      const ChannelGrid grid(z, width);
      TERN_LAUNCH((scale_batch_norm_add_prelu_kernel<width, Integer>), grid.shape(width), grid, integers,
                  TermPointers(terms, scale), shortcut.data<float>(), slope.data<float>(), y.data<float>(),
                  non_finite);
    });
  });
}

void scale_batch_norm_add_prelu_backward(const Tensor& dy, const Tensor& z, const Tensor& scale,
                                         const BatchNormTerms& terms, const Tensor& shortcut,
                                         const Tensor& slope, bool batch_statistics,
                                         TailGradients& gradients) {
  const std::int64_t channels = z.dim(-1), rows = z.numel() / channels;
  const TermPointers pointers(terms, scale);
  Tensor means = Tensor::empty({2, channels}, DType::f32, z.device());
  Tensor& du = gradients.dshortcut;
  const StoreSums store_sums(gradients.batch_norm, means, rows, batch_statistics);
  visit_integers(z, [&](const auto* integers) {
    using Integer = std::remove_const_t<std::remove_pointer_t<decltype(integers)>>;
    reduce_channels<3>(rows, channels, z.device(),
                       TailSums<Integer>{dy.data<float>(), integers, pointers, shortcut.data<float>(),
                                         slope.data<float>(), channels, du.data<float>()},
                       StoreTailSums{store_sums, gradients.dslope.data<float>()});
    // The gate is open, since du is the gradient that arrives at the batch norm already.
    normalise_backward_apply(du, integers, pointers, means, OpenGate(), gradients.batch_norm.dx);
  });
}

}  // namespace tern::kernels::cuda
