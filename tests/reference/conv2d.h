// The convolution as its definition reads: one loop per dimension. Layouts as in kernels/conv2d.h, any dtype;
// results in the order of the tensor's elements.
#pragma once

#include <vector>

#include "tern/kernels/conv2d.h"

namespace tern::reference {

/// y. Sum is the type that products are formed and added up in: double, or std::int32_t for integers.
template <class Sum>
std::vector<Sum> conv2d(const Tensor& x, const Tensor& w, const kernels::Conv2dParameters& parameters);

/// dx, of shape `x_shape`.
std::vector<double> conv2d_backward_data(const Tensor& dy, const Tensor& w, const Shape& x_shape,
                                         const kernels::Conv2dParameters& parameters);

/// dw, of shape `w_shape`.
std::vector<double> conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Shape& w_shape,
                                            const kernels::Conv2dParameters& parameters);

}  // namespace tern::reference
