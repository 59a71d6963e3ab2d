#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
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

}  // namespace

void scale_channels(const Tensor& x, const Tensor& scale, const Tensor& bias, Tensor& y) {
  visit_numbers(x, [&](const auto* elements) { scale_elements(elements, scale, bias, y); });
}

}  // namespace tern::kernels::cuda
