#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/pad_channels.h"

namespace tern::kernels::cuda {
namespace {

// y (..., C2) = x (..., C) without the channels beyond C2, with zeros in those beyond C.
template <class Element>
void resize_channels(const Tensor& x, Tensor& y) {
  const std::int64_t from = x.dim(-1), channels = y.dim(-1);
  if (channels == 0) return;
  const Element* px = x.data<Element>();
  Element* py = y.data<Element>();
  for_each_coordinates({y.numel() / channels, channels},
                       [=] __device__(std::int64_t i, const Coordinates<2>& at) {
                         py[i] = at[1] < from ? px[at[0] * from + at[1]] : Element{};
                       });
}

}  // namespace

void pad_channels(const Tensor& x, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) { resize_channels<decltype(element)>(x, y); });
}

void pad_channels_backward(const Tensor& dy, Tensor& dx) {
  pad_channels(dy, dx);
}

}  // namespace tern::kernels::cuda
