// Float convolutions on cuDNN; see convolution_plan.h for what is guaranteed.
#include "kernels/conv2d.h"

#include <utility>

#include "kernels/cache.h"
#include "kernels/cuda/add_bias.h"
#include "kernels/cuda/convolution_plan.h"

namespace tern::kernels::cuda {
namespace {

// Three operands of which one is the result: `x`, `w` and `y` as in y = conv2d(x, w).
void convolve(const char* op, ConvolutionPass pass, const Tensor& x, const Tensor& w, const Tensor& y,
              const Conv2dParameters& p) {
  using Key = std::pair<int, ConvolutionProblem::Key>;
  static auto* cache = new Cache<Key, ConvolutionPlan>;
  const ConvolutionProblem problem{pass, x.shape(), w.shape(), y.shape(), p, float_precision()};
  const Key key{y.device().index, problem.key()};
  cache->get(key, [&] { return ConvolutionPlan(op, problem); }).execute(x, w, y);
}

}  // namespace

void conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dParameters& p, Tensor& y) {
  if (y.numel() == 0) return;
  convolve("conv2d", ConvolutionPass::forward, x, w, y, p);
  if (bias.defined()) add_bias(y, bias);
}

void conv2d_backward_data(const Tensor& dy, const Tensor& w, const Conv2dParameters& p, Tensor& dx) {
  if (dx.numel() == 0) return;
  convolve("conv2d_backward_data", ConvolutionPass::backward_data, dx, w, dy, p);
}

void conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Conv2dParameters& p, Tensor& dw) {
  if (dy.numel() == 0) {
    dw.fill_zero();
    return;
  }
  convolve("conv2d_backward_weights", ConvolutionPass::backward_weights, x, dw, dy, p);
}

}  // namespace tern::kernels::cuda
