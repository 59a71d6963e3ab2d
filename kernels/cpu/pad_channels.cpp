#include "tern/kernels/pad_channels.h"

#include "tern/core/parallel.h"
#include "tern/kernels/common/visit_elements.h"

namespace tern::kernels::cpu {
namespace {

// y (..., C2) = x (..., C) without the channels beyond C2, with zeros in those beyond C.
template <class Element>
void resize_channels(const Tensor& x, Tensor& y) {
  constexpr std::int64_t kGrain = 1 << 10;  // pixels
  const std::int64_t from = x.dim(3), to = y.dim(3), kept = std::min(from, to);
  const Element* px = x.data<Element>();
  Element* py = y.data<Element>();
  parallel_for(0, x.dim(0) * x.dim(1) * x.dim(2), kGrain, [=](std::int64_t pixel, std::int64_t last) {
    for (; pixel < last; ++pixel) {
      std::copy_n(px + pixel * from, kept, py + pixel * to);
      std::fill_n(py + pixel * to + kept, to - kept, Element{});
    }
  });
}

}  // namespace

void pad_channels(const Tensor& x, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) { resize_channels<decltype(element)>(x, y); });
}

void pad_channels_backward(const Tensor& dy, Tensor& dx) {
  pad_channels(dy, dx);
}

}  // namespace tern::kernels::cpu
