// PyTorch's layouts to ours: the golden files hold images as NCHW and weights as OIHW.
#pragma once

#include "tern/core/tensor.h"

namespace tern::test {

/// (A, C, H, W) to (A, H, W, C): images NCHW to NHWC and, the same permutation, weights OIHW to OHWI.
Tensor channels_last(const Tensor& tensor);

}  // namespace tern::test
