// A convolution in oneDNN's terms.
#pragma once

#include <array>
#include <cstdint>

#include "tern/kernels/conv2d.h"
#include "tern/kernels/cpu/onednn.h"
#include "tern/kernels/cpu/onednn_versions.h"

namespace tern::kernels::cpu {

/// Images stay NHWC; weights go to the layout that the primitive prefers, which costs little because they are
/// small.
struct ConvolutionProblem {
  using Key = std::array<std::int64_t, 12>;

  static constexpr auto kDirect = dnnl::algorithm::convolution_direct;

  ConvolutionProblem(DType dtype, const Shape& x_shape, const Shape& w_shape, const Shape& y_shape,
                     const Conv2dParameters& parameters);

  /// The same convolution of so many images.
  ConvolutionProblem with_images(std::int64_t count) const;

  /// Of the forward pass, which those of the gradients want as a hint.
  dnnl::convolution_forward::primitive_desc forward(bool with_bias) const;

  std::int64_t images() const { return dims_of(x)[0]; }
  /// Of the output of one image.
  std::int64_t positions() const { return dims_of(y)[2] * dims_of(y)[3]; }

  dnnl::memory::desc x, w, y;
  dnnl::memory::dims strides, padding_begin, padding_end;
  Key key;
};

}  // namespace tern::kernels::cpu
