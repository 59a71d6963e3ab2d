#include "tern/kernels/linear.h"

#include "tern/kernels/cpu/gemm.h"

namespace tern::kernels::cpu {

void linear(const Tensor& x, const Tensor& w, const Tensor& bias, Tensor& y) {
  const std::int64_t samples = x.dim(0), inputs = x.dim(1), outputs = w.dim(0);
  float* py = y.data<float>();
  gemm(samples, outputs, inputs, {x.data<float>(), inputs}, {w.data<float>(), inputs, true}, py);
  if (!bias.defined()) return;
  const float* pb = bias.data<float>();
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t o = 0; o < outputs; ++o) py[n * outputs + o] += pb[o];
  }
}

void linear_backward_data(const Tensor& dy, const Tensor& w, Tensor& dx) {
  const std::int64_t outputs = w.dim(0), inputs = w.dim(1);
  gemm(dy.dim(0), inputs, outputs, {dy.data<float>(), outputs}, {w.data<float>(), inputs}, dx.data<float>());
}

void linear_backward_weight(const Tensor& dy, const Tensor& x, Tensor& dw) {
  const std::int64_t outputs = dy.dim(1), inputs = x.dim(1);
  gemm(outputs, inputs, dy.dim(0), {dy.data<float>(), outputs, true}, {x.data<float>(), inputs},
       dw.data<float>());
}

}  // namespace tern::kernels::cpu
