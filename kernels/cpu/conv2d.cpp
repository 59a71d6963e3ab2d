#include "tern/kernels/conv2d.h"

#include <utility>

#include "tern/kernels/cast.h"
#include "tern/kernels/common/cache.h"
#include "tern/kernels/cpu/amx/data_gradient.h"
#include "tern/kernels/cpu/amx/weight_gradient.h"
#include "tern/kernels/cpu/convolution_problem.h"
#include "tern/kernels/cpu/onednn.h"
#include "tern/kernels/cpu/weight_gradient.h"

namespace tern::kernels::cpu {
namespace {

using dnnl::memory;
using Problem = ConvolutionProblem;

struct Forward {
  dnnl::convolution_forward primitive;
  memory::desc weights, scratchpad;
};

struct BackwardData {
  dnnl::convolution_backward_data primitive;
  memory::desc weights, scratchpad;
};

const Forward& forward_primitive(Problem q, bool with_bias) {
  static auto* cache = new Cache<Problem::Key, Forward>;
  q.key[9] = with_bias ? 1 : 0;
  return cache->get(q.key, [&] {
    const auto desc = q.forward(with_bias);
    return Forward{dnnl::convolution_forward(desc), desc.weights_desc(), desc.scratchpad_desc()};
  });
}

const BackwardData& backward_data_primitive(const Problem& q) {
  static auto* cache = new Cache<Problem::Key, BackwardData>;
  return cache->get(q.key, [&] {
    const auto desc = describe_gradient<dnnl::convolution_backward_data>(
        onednn_engine(), scratchpad_from_outside(), q.forward(false), Problem::kDirect, q.x, any_layout(q.w),
        q.y, q.strides, q.padding_begin, q.padding_end);
    return BackwardData{dnnl::convolution_backward_data(desc), desc.weights_desc(), desc.scratchpad_desc()};
  });
}

/// Whether a convolution of such factors goes by way of f32.
bool needs_widening(const Tensor& factor) {
  return factor.dtype() == DType::bf16 && !has_bf16_products();
}

Tensor f32_like(const Tensor& x) {
  return Tensor::empty(x.shape(), DType::f32, x.device());
}

Tensor widened(const Tensor& x) {
  return kernels::cast(x, DType::f32);
}

}  // namespace

DType weight_gradient_factors(DType dy) {
  return has_bf16_products() ? dy : DType::f32;
}

void conv2d(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dParameters& p, Tensor& y) {
  if (y.numel() == 0) return;
  if (needs_widening(x)) {
    Tensor sums = f32_like(y);
    conv2d(widened(x), widened(w), bias, p, sums);
    return cast(sums, y);
  }
  const Problem q(x.dtype(), x.shape(), w.shape(), y.shape(), p);
  const Forward& forward = forward_primitive(q, bias.defined());
  const Tensor weights = reordered(w, q.w, forward.weights);
  std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, memory_of(q.x, x)},
                                            {DNNL_ARG_WEIGHTS, memory_of(forward.weights, weights)},
                                            {DNNL_ARG_DST, memory_of(q.y, y)}};
  if (bias.defined()) {
    const memory::desc desc({bias.numel()}, memory::data_type::f32, memory::format_tag::x);
    arguments.emplace(DNNL_ARG_BIAS, memory_of(desc, bias));
  }
  execute(forward.primitive, forward.scratchpad, std::move(arguments));
}

void conv2d_backward_data(const Tensor& dy, const Tensor& w, const Conv2dParameters& p, Tensor& dx) {
  if (dx.numel() == 0) return;
  if (amx::takes_data_gradient(dy, dx)) return amx::data_gradient(dy, w, p, dx);
  if (needs_widening(dy)) {
    Tensor sums = f32_like(dx);
    conv2d_backward_data(widened(dy), widened(w), p, sums);
    return cast(sums, dx);
  }
  const Problem q(dy.dtype(), dx.shape(), w.shape(), dy.shape(), p);
  const BackwardData& backward = backward_data_primitive(q);
  const Tensor weights = reordered(w, q.w, backward.weights);
  execute(backward.primitive, backward.scratchpad,
          {{DNNL_ARG_DIFF_DST, memory_of(q.y, dy)},
           {DNNL_ARG_WEIGHTS, memory_of(backward.weights, weights)},
           {DNNL_ARG_DIFF_SRC, memory_of(q.x, dx)}});
}

void conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Conv2dParameters& p, Tensor& dw) {
  if (dy.numel() == 0) {
    dw.fill_zero();
    return;
  }
  if (amx::takes_weight_gradient(dy, x)) return amx::weight_gradient(dy, x, p, dw);
  weight_gradient(Problem(dy.dtype(), x.shape(), dw.shape(), dy.shape(), p), dy, x, dw);
}

}  // namespace tern::kernels::cpu
