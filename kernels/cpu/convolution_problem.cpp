#include "tern/kernels/cpu/convolution_problem.h"

namespace tern::kernels::cpu {

using dnnl::memory;

ConvolutionProblem::ConvolutionProblem(DType dtype, const Shape& x_shape, const Shape& w_shape,
                                       const Shape& y_shape, const Conv2dParameters& p)
    : x(nhwc_desc(x_shape, dtype)),
      w(ohwi_desc(w_shape, dtype)),
      y(nhwc_desc(y_shape, dtype)),
      strides{p.stride, p.stride},
      padding_begin{p.padding, p.padding},
      // The bottom and right padding that the output really reaches.
      padding_end{(y_shape[1] - 1) * p.stride + w_shape[1] - x_shape[1] - p.padding,
                  (y_shape[2] - 1) * p.stride + w_shape[2] - x_shape[2] - p.padding},
      // Primitives are built for a number of threads.
      key{x_shape[0], x_shape[1], x_shape[2], x_shape[3], w_shape[0],     w_shape[1],
          w_shape[2], p.stride,   p.padding,  0,          thread_count(), static_cast<std::int64_t>(dtype)} {}

ConvolutionProblem ConvolutionProblem::with_images(std::int64_t count) const {
  ConvolutionProblem part = *this;
  const auto first = [count](const memory::desc& all) {
    memory::dims dims = dims_of(all);
    dims[0] = count;
    return memory::desc(dims, type_of(all), memory::format_tag::nhwc);
  };
  part.x = first(x);
  part.y = first(y);
  part.key[0] = count;
  return part;
}

dnnl::convolution_forward::primitive_desc ConvolutionProblem::forward(bool with_bias) const {
  require_memory_for_code();
  const auto prop = dnnl::prop_kind::forward_training;
  const memory::desc any_w = any_layout(w);
  if (!with_bias) {
    return describe_forward<dnnl::convolution_forward>(onednn_engine(), scratchpad_from_outside(), prop,
                                                       kDirect, x, any_w, y, strides, padding_begin,
                                                       padding_end);
  }
  const memory::desc bias({dims_of(w)[0]}, memory::data_type::f32, memory::format_tag::x);
  return describe_forward<dnnl::convolution_forward>(onednn_engine(), scratchpad_from_outside(), prop,
                                                     kDirect, x, any_w, bias, y, strides, padding_begin,
                                                     padding_end);
}

}  // namespace tern::kernels::cpu
