#include "tern/core/bfloat16.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"

namespace tern::kernels::cuda {
namespace {

template <class From, class To>
void cast_elements(std::int64_t count, const From* x, To* y) {
  for_each_element(count, [=] __device__(std::int64_t i) { y[i] = rounded_to<To>(to_float(x[i])); });
}

}  // namespace

void cast(const Tensor& x, Tensor& y) {
  visit_float_type(y.dtype(), [&](auto element) {
    auto* to = y.data<decltype(element)>();
    visit_castable(x, [&](const auto* from) { cast_elements(x.numel(), from, to); });
  });
}

}  // namespace tern::kernels::cuda
