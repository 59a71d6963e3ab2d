// From a dtype known at run time to a type known to the compiler.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// body(elements) with the elements of z (Tensor or const Tensor), i16 or i32, as a typed pointer. Throws
/// ShapeError for any other dtype.
template <class MaybeConstTensor, class Body>
decltype(auto) visit_integers(MaybeConstTensor& z, const Body& body) {
  if (z.dtype() == DType::i16) return body(z.template data<std::int16_t>());
  return body(z.template data<std::int32_t>());
}

/// The same with f32 allowed too.
template <class Body>
decltype(auto) visit_numbers(const Tensor& x, const Body& body) {
  if (x.dtype() == DType::f32) return body(x.data<float>());
  return visit_integers(x, body);
}

/// body(Element()) with the type of the elements of float activations, float or bfloat16:
///
///   visit_float_type(x.dtype(), [&](auto element) { relu_of<decltype(element)>(x, y); });
template <class Body>
decltype(auto) visit_float_type(DType dtype, const Body& body) {
  return dtype == DType::bf16 ? body(bfloat16()) : body(float());
}

/// body(elements) with the elements of x, f32, bf16 or i8, as a typed pointer. Throws ShapeError for any
/// other dtype.
template <class MaybeConstTensor, class Body>
decltype(auto) visit_castable(MaybeConstTensor& x, const Body& body) {
  if (x.dtype() == DType::i8) return body(x.template data<std::int8_t>());
  return visit_float_type(x.dtype(),
                          [&](auto element) { return body(x.template data<decltype(element)>()); });
}

}  // namespace tern::kernels
