#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/cuda/reduce_channels.cuh"
#include "tern/kernels/scale_channels.h"

namespace tern::kernels::cuda {
namespace {

template <class Element>
void scale_elements(const Element* x, const Tensor& scale, const Tensor& bias, Tensor& y) {
  const float* scales = scale.data<float>();
  const float* biases = bias.defined() ? bias.data<float>() : nullptr;
  float* py = y.data<float>();
  const std::int64_t channels = y.dim(-1);
  for_each_coordinates({y.numel() / channels, channels},
                       [=] __device__(std::int64_t i, const Coordinates<2>& at) {
                         const float scaled = static_cast<float>(x[i]) * scales[at[1]];
                         py[i] = biases == nullptr ? scaled : scaled + biases[at[1]];
                       });
}

template <class Element>
void sum_products(const Tensor& dy, const Element* x, Tensor& dscale) {
  const float* pdy = dy.data<float>();
  float* sums = dscale.data<float>();
  const std::int64_t channels = dy.dim(-1);
  reduce_channels<1>(dy.numel() / channels, channels, dy.device(),
                     each_element([=] __device__(std::int64_t row, std::int64_t channel, float(&lanes)[1]) {
                       const std::int64_t i = row * channels + channel;
                       lanes[0] += pdy[i] * static_cast<float>(x[i]);
                     }),
                     [=] __device__(std::int64_t channel, const double(&totals)[1]) {
                       sums[channel] = static_cast<float>(totals[0]);
                     });
}

}  // namespace

void scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias, Tensor& y) {
  visit_numbers(x, [&](const auto* elements) { scale_elements(elements, scale, bias, y); });
}

void scale_channels_backward_scale(const Tensor& dy, const Tensor& x, Tensor& dscale) {
  visit_numbers(x, [&](const auto* elements) { sum_products(dy, elements, dscale); });
}

}  // namespace tern::kernels::cuda
