// Activations by the formulas of kernels/common/activation_formulas.h.
#pragma once

#include "tern/core/tensor.h"
#include "tern/kernels/common/activation_formulas.h"
#include "tern/kernels/common/visit_elements.h"
#include "tern/kernels/cuda/elementwise.cuh"

namespace tern::kernels::cuda {

template <class Formula, class Element>
struct Activate {
  const Element* x;
  Element* y;

  template <int Width>
  __device__ void at(std::int64_t i) const {
    auto values = load<Width>(x + i);
    for (int k = 0; k < Width; ++k) values.at[k] = Formula::value(values.at[k]);
    store(y + i, values);
  }
};

template <class Formula, class Element>
struct PassGradients {
  const Element *dy, *y;
  Element* dx;  // may be dy

  template <int Width>
  __device__ void at(std::int64_t i) const {
    auto gradient = load<Width>(dy + i);
    const auto output = load_floats<Width>(y + i);
    for (int k = 0; k < Width; ++k)
      gradient.at[k] = Formula::passes(output.at[k]) ? gradient.at[k] : Element{};
    store(dx + i, gradient);
  }
};

template <class Formula>
void activation(const Tensor& x, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    for_each_vector<kVectorWidth<Element>>(x.numel(),
                                           Activate<Formula, Element>{x.data<Element>(), y.data<Element>()});
  });
}

/// dx may be dy.
template <class Formula>
void activation_backward(const Tensor& dy, const Tensor& y, Tensor& dx) {
  visit_float_type(y.dtype(), [&](auto element) {
    using Element = decltype(element);
    for_each_vector<kVectorWidth<Element>>(
        y.numel(),
        PassGradients<Formula, Element>{dy.data<Element>(), y.data<Element>(), dx.data<Element>()});
  });
}

}  // namespace tern::kernels::cuda
