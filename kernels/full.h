// A tensor of one number, made on its device.
#pragma once

#include "tern/core/tensor.h"

namespace tern::kernels {

/// f32, every element `value`. Unlike Tensor::full(shape, value).to(device) it waits for no copy.
Tensor full(const Shape& shape, float value, Device device);

namespace cpu {
void full(Tensor& y, float value);
}  // namespace cpu

namespace cuda {
void full(Tensor& y, float value);
}  // namespace cuda

}  // namespace tern::kernels
