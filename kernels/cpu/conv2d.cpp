#include "tern/kernels/conv2d.h"

#include <array>

#include "tern/core/parallel.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/common/cache.h"
#include "tern/kernels/cpu/amx/weight_gradient.h"
#include "tern/kernels/cpu/onednn.h"

namespace tern::kernels::cpu {
namespace {

using dnnl::memory;

// One convolution problem in oneDNN's terms. Images stay NHWC; weights go to the layout that the primitive
// prefers, which costs little because they are small.
struct Problem {
  using Key = std::array<std::int64_t, 12>;

  Problem(DType dtype, const Shape& x_shape, const Shape& w_shape, const Shape& y_shape,
          const Conv2dParameters& p)
      : x(nhwc_desc(x_shape, dtype)),
        w(ohwi_desc(w_shape, dtype)),
        y(nhwc_desc(y_shape, dtype)),
        strides{p.stride, p.stride},
        padding_begin{p.padding, p.padding},
        // The bottom and right padding that the output really reaches.
        padding_end{(y_shape[1] - 1) * p.stride + w_shape[1] - x_shape[1] - p.padding,
                    (y_shape[2] - 1) * p.stride + w_shape[2] - x_shape[2] - p.padding},
        // Primitives are built for a number of threads.
        key{x_shape[0], x_shape[1], x_shape[2],     x_shape[3],
            w_shape[0], w_shape[1], w_shape[2],     p.stride,
            p.padding,  0,          thread_count(), static_cast<std::int64_t>(dtype)} {}

  memory::desc x, w, y;
  memory::dims strides, padding_begin, padding_end;
  Key key;
};

constexpr auto kDirect = dnnl::algorithm::convolution_direct;

dnnl::convolution_forward::primitive_desc forward_desc(const Problem& q, bool with_bias) {
  const auto prop = dnnl::prop_kind::forward_training;
  const memory::desc w = any_layout(q.w);
  if (!with_bias) {
    return {{prop, kDirect, q.x, w, q.y, q.strides, q.padding_begin, q.padding_end}, onednn_engine()};
  }
  const memory::desc bias({q.w.dims()[0]}, memory::data_type::f32, memory::format_tag::x);
  return {{prop, kDirect, q.x, w, bias, q.y, q.strides, q.padding_begin, q.padding_end}, onednn_engine()};
}

struct Forward {
  dnnl::convolution_forward primitive;
  memory::desc weights;
};

struct BackwardData {
  dnnl::convolution_backward_data primitive;
  memory::desc weights;
};

struct BackwardWeights {
  dnnl::convolution_backward_weights primitive;
  memory::desc weights;
};

const Forward& forward_primitive(Problem q, bool with_bias) {
  static auto* cache = new Cache<Problem::Key, Forward>;
  q.key[9] = with_bias ? 1 : 0;
  return cache->get(q.key, [&] {
    const auto desc = forward_desc(q, with_bias);
    return Forward{dnnl::convolution_forward(desc), desc.weights_desc()};
  });
}

const BackwardData& backward_data_primitive(const Problem& q) {
  static auto* cache = new Cache<Problem::Key, BackwardData>;
  return cache->get(q.key, [&] {
    const dnnl::convolution_backward_data::primitive_desc desc(
        {kDirect, q.x, any_layout(q.w), q.y, q.strides, q.padding_begin, q.padding_end}, onednn_engine(),
        forward_desc(q, false));
    return BackwardData{dnnl::convolution_backward_data(desc), desc.weights_desc()};
  });
}

// dw is f32, whatever the factors.
const BackwardWeights& backward_weights_primitive(const Problem& q) {
  static auto* cache = new Cache<Problem::Key, BackwardWeights>;
  return cache->get(q.key, [&] {
    const memory::desc dw(q.w.dims(), memory::data_type::f32, memory::format_tag::any);
    const dnnl::convolution_backward_weights::primitive_desc desc(
        {kDirect, q.x, dw, q.y, q.strides, q.padding_begin, q.padding_end}, onednn_engine(),
        forward_desc(q, false));
    return BackwardWeights{dnnl::convolution_backward_weights(desc), desc.diff_weights_desc()};
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
  forward.primitive.execute(onednn_stream(), arguments);
  onednn_stream().wait();
}

void conv2d_backward_data(const Tensor& dy, const Tensor& w, const Conv2dParameters& p, Tensor& dx) {
  if (dx.numel() == 0) return;
  if (needs_widening(dy)) {
    Tensor sums = f32_like(dx);
    conv2d_backward_data(widened(dy), widened(w), p, sums);
    return cast(sums, dx);
  }
  const Problem q(dy.dtype(), dx.shape(), w.shape(), dy.shape(), p);
  const BackwardData& backward = backward_data_primitive(q);
  const Tensor weights = reordered(w, q.w, backward.weights);
  backward.primitive.execute(onednn_stream(), {{DNNL_ARG_DIFF_DST, memory_of(q.y, dy)},
                                               {DNNL_ARG_WEIGHTS, memory_of(backward.weights, weights)},
                                               {DNNL_ARG_DIFF_SRC, memory_of(q.x, dx)}});
  onednn_stream().wait();
}

void conv2d_backward_weights(const Tensor& dy, const Tensor& x, const Conv2dParameters& p, Tensor& dw) {
  if (dy.numel() == 0) {
    dw.fill_zero();
    return;
  }
  if (amx::takes_weight_gradient(dy, x)) return amx::weight_gradient(dy, x, p, dw);
  const Problem q(dy.dtype(), x.shape(), dw.shape(), dy.shape(), p);
  const memory::desc ours = ohwi_desc(dw.shape());
  const BackwardWeights& backward = backward_weights_primitive(q);
  const bool direct = backward.weights == ours;
  Tensor weights = direct ? dw : elements_of(backward.weights, DType::f32);
  backward.primitive.execute(onednn_stream(),
                             {{DNNL_ARG_SRC, memory_of(q.x, x)},
                              {DNNL_ARG_DIFF_DST, memory_of(q.y, dy)},
                              {DNNL_ARG_DIFF_WEIGHTS, memory_of(backward.weights, weights)}});
  onednn_stream().wait();
  if (!direct) reorder_into(weights, backward.weights, dw, ours);
}

}  // namespace tern::kernels::cpu
