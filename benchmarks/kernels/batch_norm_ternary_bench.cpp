#include <cmath>

#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/batch_norm_ternary.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

Values ternarised(Values values) {
  for (double& x : values) x = (x >= 0.5 ? 1 : 0) - (x < -0.5 ? 1 : 0);
  return values;
}

/// dy where the straight-through estimator lets it pass.
Tensor passed(const Tensor& dy, const Values& normalised) {
  Tensor passed = dy.clone();
  for (std::size_t i = 0; i < normalised.size(); ++i) {
    if (!(std::abs(normalised[i]) <= 1)) passed.data<float>()[i] = 0;
  }
  return passed;
}

std::vector<Case> batch_norm_ternary_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  // Multiples of 1/8 and powers of two: every rounding is exact, and no value changes sides in double.
  const auto eighths = [](const Shape& of, std::uint32_t seed) {
    Tensor x = test::random_tensor(of, seed, -16, 16);
    for (std::int64_t i = 0; i < x.numel(); ++i) x.data<float>()[i] = std::round(x.data<float>()[i]) / 8;
    return x;
  };
  const Shape channels{shape[-1]};
  const kernels::BatchNormTerms terms{eighths(channels, 1), Tensor::full(channels, 0.5F),
                                      Tensor::full(channels, -2), eighths(channels, 2)};
  const auto normalisation = test::in_double(terms);
  const auto forward = [=] {
    return Operation{{eighths(shape, 3), terms.mean, terms.inv_std, terms.gamma, terms.beta},
                     [](Tensors& in) {
                       const kernels::BatchNormTerms t{in[1], in[2], in[3], in[4]};
                       return Tensors{kernels::batch_norm_ternary(in[0], t, "tern-bench", true).values};
                     },
                     [=](const Tensors& in) {
                       return std::vector<Values>{ternarised(reference::batch_norm(in[0], normalisation))};
                     }};
  };
  const auto backward = [=] {
    return Operation{{test::random_tensor(shape, 4), eighths(shape, 3), terms.mean, terms.inv_std,
                      terms.gamma, terms.beta},
                     [](Tensors& in) {
                       const kernels::BatchNormTerms t{in[2], in[3], in[4], in[5]};
                       const auto g = kernels::batch_norm_ternary_backward(in[0], in[1], t, true);
                       return Tensors{g.dx, g.dgamma, g.dbeta};
                     },
                     [=](const Tensors& in) {
                       const Tensor dy = passed(in[0], reference::batch_norm(in[1], normalisation));
                       const auto g = reference::batch_norm_backward(dy, in[1], normalisation, true);
                       return std::vector<Values>{g.dx, g.dgamma, g.dbeta};
                     }};
  };
  return {operation("batch_norm_ternary", shape, forward),
          operation("batch_norm_ternary_backward", shape, backward)};
}

const CaseGroup kBatchNormTernary("op/batch_norm_ternary", &batch_norm_ternary_cases);

}  // namespace
}  // namespace tern::bench
