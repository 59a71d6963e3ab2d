#include "tern/core/bfloat16.h"
#include "tern/kernels/add.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"

namespace tern::kernels::cuda {
namespace {

template <class Element>
void add_elements(std::int64_t count, const Element* a, const Element* b, Element* y) {
  for_each_element(
      count, [=] __device__(std::int64_t i) { y[i] = rounded_to<Element>(to_float(a[i]) + to_float(b[i])); });
}

}  // namespace

void add(const Tensor& a, const Tensor& b, Tensor& y) {
  visit_float_type(y.dtype(), [&](auto element) {
    using Element = decltype(element);
    add_elements(y.numel(), a.data<Element>(), b.data<Element>(), y.data<Element>());
  });
}

}  // namespace tern::kernels::cuda
