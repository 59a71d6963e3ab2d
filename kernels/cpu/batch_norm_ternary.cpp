#include "kernels/batch_norm_ternary.h"

#include "kernels/cpu/normalise.h"
#include "kernels/cpu/ternarise.h"

namespace tern::kernels::cpu {

bool batch_norm_ternary(const Tensor& x, const BatchNormTerms& terms, Tensor& y) {
  return normalise_forward(
      x, terms, [](float t) { return ternarise(t); }, y);
}

void batch_norm_ternary_backward(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                 bool batch_statistics, BatchNormGradients& gradients) {
  const auto gate = [](float g, float t) { return ternarise_gradient(g, t); };
  normalise_backward(dy, x, terms, batch_statistics, gate, gradients);
}

}  // namespace tern::kernels::cpu
