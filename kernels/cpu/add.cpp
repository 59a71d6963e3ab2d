#include "tern/kernels/add.h"

#include "tern/core/bfloat16.h"
#include "tern/core/parallel.h"
#include "tern/kernels/common/visit_elements.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kGrain = 1 << 14;

template <class Element>
void add_elements(std::int64_t count, const Element* a, const Element* b, Element* y) {
  parallel_for(0, count, kGrain, [=](std::int64_t first, std::int64_t last) {
  // y may be a, which a run-time overlap check would take for a reason not to vectorise.
#pragma omp simd
    for (std::int64_t i = first; i < last; ++i) {
      y[i] = rounded_to<Element>(to_float(a[i]) + to_float(b[i]));
    }
  });
}

}  // namespace

void add(const Tensor& a, const Tensor& b, Tensor& y) {
  visit_float_type(y.dtype(), [&](auto element) {
    using Element = decltype(element);
    add_elements(y.numel(), a.data<Element>(), b.data<Element>(), y.data<Element>());
  });
}

}  // namespace tern::kernels::cpu
