#include "tern/kernels/global_avg_pool2d.h"

#include "tern/core/bfloat16.h"
#include "tern/core/parallel.h"
#include "tern/kernels/common/visit_elements.h"

namespace tern::kernels::cpu {
namespace {

template <class Element>
void forward(const Tensor& x, Tensor& y) {
  const std::int64_t pixels = x.dim(1) * x.dim(2), channels = x.dim(3);
  const Element* px = x.data<Element>();
  float* py = y.data<float>();
  parallel_for(0, x.dim(0), 1, [=](std::int64_t n, std::int64_t last) {
    for (; n < last; ++n) {
      float* __restrict mean = py + n * channels;
      std::fill_n(mean, channels, 0.0F);
      for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
        const Element* __restrict values = px + (n * pixels + pixel) * channels;
        for (std::int64_t c = 0; c < channels; ++c) mean[c] += to_float(values[c]);
      }
      for (std::int64_t c = 0; c < channels; ++c) mean[c] /= static_cast<float>(pixels);
    }
  });
}

template <class Element>
void backward(const Tensor& dy, Tensor& dx) {
  const std::int64_t pixels = dx.dim(1) * dx.dim(2), channels = dx.dim(3);
  const float* pdy = dy.data<float>();
  Element* pdx = dx.data<Element>();
  parallel_for(0, dx.dim(0), 1, [=](std::int64_t n, std::int64_t last) {
    for (; n < last; ++n) {
      Element* first = pdx + n * pixels * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        first[c] = rounded_to<Element>(pdy[n * channels + c] / static_cast<float>(pixels));
      }
      for (std::int64_t pixel = 1; pixel < pixels; ++pixel) {
        std::copy_n(first, channels, first + pixel * channels);
      }
    }
  });
}

}  // namespace

void global_avg_pool2d(const Tensor& x, Tensor& y) {
  visit_float_type(x.dtype(), [&](auto element) { forward<decltype(element)>(x, y); });
}

void global_avg_pool2d_backward(const Tensor& dy, Tensor& dx) {
  visit_float_type(dx.dtype(), [&](auto element) { backward<decltype(element)>(dy, dx); });
}

}  // namespace tern::kernels::cpu
