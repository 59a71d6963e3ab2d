// Float convolutions on cuDNN; see convolution_plan.h for what is guaranteed.
#include "tern/kernels/conv2d.h"

#include <utility>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/common/cache.h"
#include "tern/kernels/cuda/add_bias.h"
#include "tern/kernels/cuda/convolution_plan.h"
#include "tern/kernels/cuda/cudnn.h"

namespace tern::kernels::cuda {
namespace {

// The device and the problem; no plan where cuDNN has none.
using Plans = Cache<std::pair<int, ConvolutionProblem::Key>, std::optional<ConvolutionPlan>>;

Plans& plans() {
  static auto* all = new Plans;
  return *all;
}

void convolve_widened(const char* op, ConvolutionPass pass, const Tensor& x, const Tensor& w, const Tensor& y,
                      const Conv2dParameters& p);

// Three operands of which one is the result: `x`, `w` and `y` as in y = conv2d(x, w).
void convolve(const char* op, ConvolutionPass pass, const Tensor& x, const Tensor& w, const Tensor& y,
              const Conv2dParameters& p) {
  const ConvolutionProblem problem{pass, x.shape(), w.shape(), y.shape(), y.dtype(), p, float_precision()};
  const std::optional<ConvolutionPlan>& plan =
      plans().get({y.device().index, problem.key()}, [&] { return ConvolutionPlan::find(op, problem); });
  if (plan) return plan->execute(x, w, y);
  require<DeviceError>(y.dtype() == DType::bf16,
                       "{} of x {}, w {}, stride {}, padding {}: cuDNN {} has no deterministic {} engine for "
                       "it on this device",
                       op, x.shape(), w.shape(), p.stride, p.padding, cudnn().get_version(),
                       problem.precision == FloatPrecision::fp32 ? "fp32" : "fp32 or TF32");
  convolve_widened(op, pass, x, w, y, p);
}

const Tensor& result_of(ConvolutionPass pass, const Tensor& x, const Tensor& w, const Tensor& y) {
  if (pass == ConvolutionPass::forward) return y;
  return pass == ConvolutionPass::backward_data ? x : w;
}

// For GPUs before sm_80, whose tensor cores do not know bf16: the same product of f32 copies.
void convolve_widened(const char* op, ConvolutionPass pass, const Tensor& x, const Tensor& w, const Tensor& y,
                      const Conv2dParameters& p) {
  Tensor result = result_of(pass, x, w, y);
  const auto widened = [&](const Tensor& narrow) {
    Tensor wide = Tensor::empty(narrow.shape(), DType::f32, narrow.device());
    if (!narrow.shares_storage_with(result)) cast(narrow, wide);
    return wide;
  };
  const Tensor wide_x = widened(x), wide_w = widened(w), wide_y = widened(y);
  convolve(op, pass, wide_x, wide_w, wide_y, p);
  cast(result_of(pass, wide_x, wide_w, wide_y), result);
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

std::vector<std::string> conv2d_plans(int device_index) {
  std::vector<std::string> lines;
  plans().for_each([&](const auto& key, const std::optional<ConvolutionPlan>& plan) {
    if (key.first == device_index && plan) lines.push_back(plan->summary());
  });
  return lines;
}

}  // namespace tern::kernels::cuda
