#include "kernels/cuda/elementwise.cuh"
#include "kernels/pad_channels.h"

namespace tern::kernels::cuda {
namespace {

// to (..., C2) = from (..., C) without the channels beyond C2, with zeros in those beyond C.
void resize_channels(const Tensor& from, Tensor& to) {
  const std::int64_t source_channels = from.dim(-1), channels = to.dim(-1);
  if (channels == 0) return;
  const float* source = from.data<float>();
  float* target = to.data<float>();
  for_each_coordinates({to.numel() / channels, channels},
                       [=] __device__(std::int64_t i, const Coordinates<2>& at) {
                         target[i] = at[1] < source_channels ? source[at[0] * source_channels + at[1]] : 0.0F;
                       });
}

}  // namespace

void pad_channels(const Tensor& x, Tensor& y) {
  resize_channels(x, y);
}

void pad_channels_backward(const Tensor& dy, Tensor& dx) {
  resize_channels(dy, dx);
}

}  // namespace tern::kernels::cuda
