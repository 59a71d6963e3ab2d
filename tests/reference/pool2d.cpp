#include "tests/reference/pool2d.h"

#include <functional>
#include <vector>

namespace tern::reference {
namespace {

// Calls body(output element, input elements of its window, row-major) for each output.
void for_each_window(const Shape& x, const kernels::PoolWindow& window,
                     const std::function<void(std::int64_t, const std::vector<std::int64_t>&)>& body) {
  const Shape y = kernels::pooled_shape("reference", x, window);
  std::int64_t output = 0;
  for (std::int64_t n = 0; n < y[0]; ++n) {
    for (std::int64_t oh = 0; oh < y[1]; ++oh) {
      for (std::int64_t ow = 0; ow < y[2]; ++ow) {
        for (std::int64_t c = 0; c < y[3]; ++c) {
          std::vector<std::int64_t> inputs;
          for (std::int64_t kh = 0; kh < window.size; ++kh) {
            for (std::int64_t kw = 0; kw < window.size; ++kw) {
              const std::int64_t h = oh * window.stride + kh - window.padding;
              const std::int64_t w = ow * window.stride + kw - window.padding;
              if (h < 0 || h >= x[1] || w < 0 || w >= x[2]) continue;
              inputs.push_back(((n * x[1] + h) * x[2] + w) * x[3] + c);
            }
          }
          body(output++, inputs);
        }
      }
    }
  }
}

std::int64_t argmax(const float* x, const std::vector<std::int64_t>& inputs) {
  std::int64_t best = inputs.front();
  for (const std::int64_t i : inputs) {
    if (x[i] > x[best]) best = i;
  }
  return best;
}

}  // namespace

Tensor max_pool2d(const Tensor& x, const kernels::PoolWindow& window) {
  Tensor y = Tensor::zeros(kernels::pooled_shape("reference", x.shape(), window));
  for_each_window(x.shape(), window, [&](std::int64_t output, const std::vector<std::int64_t>& inputs) {
    y.data<float>()[output] = x.data<float>()[argmax(x.data<float>(), inputs)];
  });
  return y;
}

Tensor avg_pool2d(const Tensor& x, const kernels::PoolWindow& window) {
  Tensor y = Tensor::zeros(kernels::pooled_shape("reference", x.shape(), window));
  for_each_window(x.shape(), window, [&](std::int64_t output, const std::vector<std::int64_t>& inputs) {
    double sum = 0;
    for (const std::int64_t i : inputs) sum += x.data<float>()[i];
    y.data<float>()[output] = static_cast<float>(sum / static_cast<double>(window.size * window.size));
  });
  return y;
}

Tensor max_pool2d_backward(const Tensor& dy, const Tensor& x, const kernels::PoolWindow& window) {
  Tensor dx = Tensor::zeros(x.shape());
  for_each_window(x.shape(), window, [&](std::int64_t output, const std::vector<std::int64_t>& inputs) {
    dx.data<float>()[argmax(x.data<float>(), inputs)] += dy.data<float>()[output];
  });
  return dx;
}

Tensor avg_pool2d_backward(const Tensor& dy, const Tensor& x, const kernels::PoolWindow& window) {
  Tensor dx = Tensor::zeros(x.shape());
  const float area = static_cast<float>(window.size * window.size);
  for_each_window(x.shape(), window, [&](std::int64_t output, const std::vector<std::int64_t>& inputs) {
    for (const std::int64_t i : inputs) dx.data<float>()[i] += dy.data<float>()[output] / area;
  });
  return dx;
}

}  // namespace tern::reference
