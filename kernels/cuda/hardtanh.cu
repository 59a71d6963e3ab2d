#include "tern/core/bfloat16.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"
#include "tern/kernels/hardtanh.h"

namespace tern::kernels::cuda {
namespace {

template <class Element>
__device__ Element limited(Element x) {
  const float value = to_float(x);
  return value < -1 ? rounded_to<Element>(-1) : (value > 1 ? rounded_to<Element>(1) : x);
}

template <class Element>
void forward(std::int64_t count, const Element* x, Element* y) {
  for_each_element(count, [=] __device__(std::int64_t i) { y[i] = limited(x[i]); });
}

template <class Element>
void backward(std::int64_t count, const Element* dy, const Element* y, Element* dx) {
  for_each_element(count,
                   [=] __device__(std::int64_t i) { dx[i] = fabsf(to_float(y[i])) < 1 ? dy[i] : Element{}; });
}

}  // namespace

void hardtanh(const Tensor& x, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    forward(x.numel(), x.data<Element>(), y.data<Element>());
  });
}

void hardtanh_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  visit_float_type(y.dtype(), [&](auto element) {
    using Element = decltype(element);
    backward(y.numel(), dy.data<Element>(), y.data<Element>(), dx.data<Element>());
  });
}

}  // namespace tern::kernels::cuda
