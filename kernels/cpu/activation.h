// Activations by the formulas of kernels/common/activation_formulas.h.
#pragma once

#include "tern/core/parallel.h"
#include "tern/core/tensor.h"
#include "tern/kernels/common/activation_formulas.h"
#include "tern/kernels/common/visit_elements.h"

namespace tern::kernels::cpu {

constexpr std::int64_t kActivationGrain = 1 << 14;

template <class Formula>
void activation(const Tensor& x, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    const Element* px = x.data<Element>();
    Element* py = y.data<Element>();
    parallel_for(0, x.numel(), kActivationGrain, [=](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) py[i] = Formula::value(px[i]);
    });
  });
}

/// dx may be dy.
template <class Formula>
void activation_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  visit_float_type(y.dtype(), [&](auto element) {
    using Element = decltype(element);
    const Element *pdy = dy.data<Element>(), *py = y.data<Element>();
    Element* pdx = dx.data<Element>();
    parallel_for(0, y.numel(), kActivationGrain, [=](std::int64_t first, std::int64_t last) {
    // Where dx is dy, a run-time overlap check would take that for a reason not to vectorise.
#pragma omp simd
      for (std::int64_t i = first; i < last; ++i) {
        pdx[i] = Formula::passes(to_float(py[i])) ? pdy[i] : Element{};
      }
    });
  });
}

}  // namespace tern::kernels::cpu
