// What oneDNN 2 (Debian 12) and oneDNN 3 (Debian 13, Ubuntu 24.04) call by different names.
#pragma once

#include <dnnl.hpp>

namespace tern::kernels::cpu {

#if DNNL_VERSION_MAJOR >= 3

/// The descriptor of a forward pass, of what its constructor takes after the engine.
template <class Primitive, class... Terms>
typename Primitive::primitive_desc describe_forward(const dnnl::engine& engine,
                                                    const dnnl::primitive_attr& attributes,
                                                    const Terms&... terms) {
  return typename Primitive::primitive_desc(engine, terms..., attributes);
}

/// That of a gradient, with its forward pass as a hint.
template <class Primitive, class Forward, class... Terms>
typename Primitive::primitive_desc describe_gradient(const dnnl::engine& engine,
                                                     const dnnl::primitive_attr& attributes,
                                                     const Forward& forward, const Terms&... terms) {
  return typename Primitive::primitive_desc(engine, terms..., forward, attributes);
}

inline dnnl::memory::dims dims_of(const dnnl::memory::desc& desc) {
  return desc.get_dims();
}

inline dnnl::memory::data_type type_of(const dnnl::memory::desc& desc) {
  return desc.get_data_type();
}

#else

template <class Primitive, class... Terms>
typename Primitive::primitive_desc describe_forward(const dnnl::engine& engine,
                                                    const dnnl::primitive_attr& attributes,
                                                    const Terms&... terms) {
  return {typename Primitive::desc(terms...), attributes, engine};
}

template <class Primitive, class Forward, class... Terms>
typename Primitive::primitive_desc describe_gradient(const dnnl::engine& engine,
                                                     const dnnl::primitive_attr& attributes,
                                                     const Forward& forward, const Terms&... terms) {
  return {typename Primitive::desc(terms...), attributes, engine, forward};
}

inline dnnl::memory::dims dims_of(const dnnl::memory::desc& desc) {
  return desc.dims();
}

inline dnnl::memory::data_type type_of(const dnnl::memory::desc& desc) {
  return desc.data_type();
}

#endif

}  // namespace tern::kernels::cpu
