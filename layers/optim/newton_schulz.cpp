#include "tern/layers/optim/newton_schulz.h"

#include "tern/kernels/cast.h"
#include "tern/kernels/conv2d.h"
#include "tern/kernels/linear.h"
#include "tern/kernels/precision.h"
#include "tern/kernels/symmetric_product.h"
#include "tern/kernels/weighted_sum.h"

namespace tern {
namespace {

constexpr int kIterations = 5;
constexpr float kA = 3.4445F, kB = -4.7750F, kC = 2.0315F;

// The smaller of X X^t and X^t X: both give the same polynomial of X.
bool is_wide(const Tensor& x) {
  return x.dim(0) <= x.dim(1);
}

// As tensor cores do.
bool rounds_factors(Device device) {
  return device.type == DeviceType::cuda && kernels::float_precision() != kernels::FloatPrecision::fp32;
}

// Products of matrices in the mode of kernels/precision.h. In bf16 they are 1x1 convolutions, whose kernels
// take such factors: the rows of the left one are the pixels of one row of an image.
Tensor as_factor(const Tensor& matrix) {
  return kernels::cast(matrix, kernels::activation_dtype());
}

bool is_bf16(const Tensor& factor) {
  return factor.dtype() == DType::bf16;
}

Tensor as_image(const Tensor& factor) {
  return factor.reshape({1, 1, factor.dim(0), factor.dim(1)});
}

Tensor as_filters(const Tensor& factor) {
  return factor.reshape({factor.dim(0), 1, 1, factor.dim(1)});
}

Tensor times(const Tensor& a, const Tensor& b) {
  if (!is_bf16(a)) return kernels::linear_backward_data(a, b);
  const Tensor c = kernels::conv2d_backward_data(as_image(a), as_filters(b), {1, 1, a.dim(0), b.dim(1)}, {});
  return kernels::cast(c, DType::f32).reshape({a.dim(0), b.dim(1)});
}

Tensor times_transposed(const Tensor& a, const Tensor& b) {
  if (!is_bf16(a)) return kernels::linear(a, b, Tensor());
  const Tensor c = kernels::conv2d(as_image(a), as_filters(b), Tensor(), {});
  return kernels::cast(c, DType::f32).reshape({a.dim(0), b.dim(0)});
}

Tensor transposed_times(const Tensor& a, const Tensor& b) {
  if (!is_bf16(a)) return kernels::linear_backward_weight(a, b);
  const Tensor c = kernels::conv2d_backward_weights(as_image(a), as_image(b), {a.dim(1), 1, 1, b.dim(1)}, {});
  return c.reshape({a.dim(1), b.dim(1)});
}

}  // namespace

Tensor orthogonalised(const Tensor& x) {
  return rounds_factors(x.device()) ? newton_schulz(x) : newton_schulz_by_gram_matrix(x);
}

Tensor newton_schulz(Tensor x) {
  const bool wide = is_wide(x);
  for (int i = 0; i < kIterations; ++i) {
    const Tensor factor = as_factor(x);
    const Tensor a = wide ? times_transposed(factor, factor) : transposed_times(factor, factor);
    const Tensor a_factor = as_factor(a);
    const Tensor b = kernels::weighted_sum(kB, a, kC, times_transposed(a_factor, a_factor));  // symmetric
    const Tensor bx = wide ? times(as_factor(b), factor) : times_transposed(factor, as_factor(b));
    x = kernels::weighted_sum(kA, x, 1, bx);
  }
  return x;
}

// P = a I + B, and the product of all P so far is q I + R: no I has to be made, nor is P A.
Tensor newton_schulz_by_gram_matrix(const Tensor& x) {
  Tensor a = is_wide(x) ? kernels::gram_matrix(x) : kernels::linear_backward_weight(x, x);
  float q = kA;
  Tensor r;
  for (int i = 1; i <= kIterations; ++i) {
    const Tensor b = kernels::weighted_sum(kB, a, kC, kernels::symmetric_product(a, a));
    if (i == 1) {
      r = b;
    } else {
      const Tensor linear_terms = kernels::weighted_sum(kA, r, q, b);
      r = kernels::weighted_sum(1, linear_terms, 1, kernels::symmetric_product(b, r));
      q *= kA;
    }
    if (i == kIterations) break;
    const Tensor pa = kernels::weighted_sum(kA, a, 1, kernels::symmetric_product(b, a));
    a = kernels::weighted_sum(kA, pa, 1, kernels::symmetric_product(b, pa));
  }
  const Tensor rx = is_wide(x) ? kernels::linear_backward_data(r, x) : kernels::linear_backward_data(x, r);
  return kernels::weighted_sum(q, x, 1, rx);
}

}  // namespace tern
