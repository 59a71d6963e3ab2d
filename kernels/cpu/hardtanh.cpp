#include "tern/kernels/hardtanh.h"

#include <cmath>

#include "tern/core/bfloat16.h"
#include "tern/core/parallel.h"
#include "tern/kernels/common/visit_elements.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kGrain = 1 << 14;

template <class Element>
Element limited(Element x) {
  const float value = to_float(x);
  return value < -1 ? rounded_to<Element>(-1) : (value > 1 ? rounded_to<Element>(1) : x);
}

template <class Element>
void forward(std::int64_t count, const Element* x, Element* y) {
  parallel_for(0, count, kGrain, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) y[i] = limited(x[i]);
  });
}

template <class Element>
void backward(std::int64_t count, const Element* dy, const Element* y, Element* dx) {
  parallel_for(0, count, kGrain, [=](std::int64_t first, std::int64_t last) {
  // dx may be dy, which a run-time overlap check would take for a reason not to vectorise.
#pragma omp simd
    for (std::int64_t i = first; i < last; ++i) dx[i] = fabsf(to_float(y[i])) < 1 ? dy[i] : Element{};
  });
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

}  // namespace tern::kernels::cpu
