#include "kernels/pad_channels.h"

#include "core/parallel.h"

namespace tern::kernels::cpu {
namespace {

constexpr std::int64_t kGrain = 1 << 10;  // pixels

std::int64_t pixels_of(const Tensor& images) {
  return images.dim(0) * images.dim(1) * images.dim(2);
}

}  // namespace

void pad_channels(const Tensor& x, Tensor& y) {
  const std::int64_t from = x.dim(3), to = y.dim(3);
  const float* px = x.data<float>();
  float* py = y.data<float>();
  parallel_for(0, pixels_of(x), kGrain, [=](std::int64_t pixel, std::int64_t last) {
    for (; pixel < last; ++pixel) {
      std::copy_n(px + pixel * from, from, py + pixel * to);
      std::fill_n(py + pixel * to + from, to - from, 0.0F);
    }
  });
}

void pad_channels_backward(const Tensor& dy, Tensor& dx) {
  const std::int64_t from = dy.dim(3), to = dx.dim(3);
  const float* pdy = dy.data<float>();
  float* pdx = dx.data<float>();
  parallel_for(0, pixels_of(dx), kGrain, [=](std::int64_t pixel, std::int64_t last) {
    for (; pixel < last; ++pixel) std::copy_n(pdy + pixel * from, to, pdx + pixel * to);
  });
}

}  // namespace tern::kernels::cpu
