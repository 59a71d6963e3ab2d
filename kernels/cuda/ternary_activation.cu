#include "tern/kernels/common/ternarise.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/ternary_activation.h"

namespace tern::kernels::cuda {
namespace {

constexpr int kActivationBlock = 256;

/// A warp takes 32 neighbouring elements and writes their half of a word of the mask. Bytes per element: 4
/// read, 1 1/8 written.
template <bool binary>
__global__ void __launch_bounds__(kActivationBlock)
    ternary_activation_kernel(std::int64_t elements, std::int64_t halves, const float* x, std::int8_t* y,
                              unsigned* mask) {
  const std::int64_t i = thread_in_grid(), half = i / kWarpSize;
  if (half >= halves) return;
  bool passes = false;
  if (i < elements) {
    y[i] = binary ? binarise(x[i]) : ternarise(x[i]);
    passes = in_straight_through(x[i]);
  }
  const unsigned bits = ballot(passes);
  if (lane_index() == 0) mask[half] = bits;
}

template <bool binary>
void activation(const Tensor& x, Tensor& y, Tensor& mask) {
  if (x.numel() == 0) return;
  const std::int64_t halves = 2 * mask.numel();
  TERN_LAUNCH(ternary_activation_kernel<binary>,
              {dim3(blocks_for(halves * kWarpSize, kActivationBlock)), dim3(kActivationBlock)}, x.numel(),
              halves, x.data<float>(), y.data<std::int8_t>(), static_cast<unsigned*>(mask.raw()));
}

}  // namespace

void ternary_activation(const Tensor& x, Tensor& y, Tensor& mask) {
  activation<false>(x, y, mask);
}

void binary_activation(const Tensor& x, Tensor& y, Tensor& mask) {
  activation<true>(x, y, mask);
}

void ternary_activation_backward(const Tensor& dy, const Tensor& mask, Tensor& dx) {
  const float* pdy = dy.data<float>();
  const auto* bits = static_cast<const unsigned*>(mask.raw());
  float* pdx = dx.data<float>();
  for_each_element(dy.numel(), [=] __device__(std::int64_t i) {
    pdx[i] = (bits[i / 32] >> (i % 32) & 1) != 0 ? pdy[i] : 0.0F;
  });
}

}  // namespace tern::kernels::cuda
