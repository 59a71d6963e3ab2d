// Activations by the formulas of kernels/common/activation_formulas.h.
#pragma once

#include "tern/core/tensor.h"
#include "tern/kernels/common/activation_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"

namespace tern::kernels::cuda {

template <class Formula, class Element>
void activate_elements(std::int64_t count, const Element* x, Element* y) {
  for_each_element(count, [=] __device__(std::int64_t i) { y[i] = Formula::value(x[i]); });
}

template <class Formula, class Element>
void pass_gradients(std::int64_t count, const Element* dy, const Element* y, Element* dx) {
  for_each_element(
      count, [=] __device__(std::int64_t i) { dx[i] = Formula::passes(to_float(y[i])) ? dy[i] : Element{}; });
}

template <class Formula>
void activation(const Tensor& x, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    activate_elements<Formula>(x.numel(), x.data<Element>(), y.data<Element>());
  });
}

/// dx may be dy.
template <class Formula>
void activation_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  visit_float_type(y.dtype(), [&](auto element) {
    using Element = decltype(element);
    pass_gradients<Formula>(y.numel(), dy.data<Element>(), y.data<Element>(), dx.data<Element>());
  });
}

}  // namespace tern::kernels::cuda
