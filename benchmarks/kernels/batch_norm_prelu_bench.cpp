#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/batch_norm_prelu.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

kernels::BatchNormTerms norm_prelu_terms(const Tensors& in) {
  return {in[1], in[2], in[3], in[4]};
}

/// What the PReLU reads.
Values before_slope(const Tensors& in) {
  return reference::batch_norm(in[0], test::in_double(norm_prelu_terms(in)));
}

/// x, the terms, slope.
Tensors norm_prelu_inputs(const Shape& shape) {
  const Shape channels{shape[-1]};
  const kernels::BatchNormTerms terms = test::random_terms(shape[-1], 1);
  return {test::random_tensor(shape, 2),   terms.mean, terms.inv_std, terms.gamma, terms.beta,
          test::random_tensor(channels, 3)};
}

std::vector<Values> norm_prelu_forward(const Tensors& in) {
  Values y = before_slope(in);
  const auto* slope = in[5].data<float>();
  const auto channels = static_cast<std::size_t>(in[0].dim(-1));
  for (std::size_t i = 0; i < y.size(); ++i) y[i] *= y[i] > 0 ? 1 : slope[i % channels];
  return {y};
}

/// In order: dx, dgamma, dbeta, dslope, for in[6] = dy.
std::vector<Values> norm_prelu_backward(const Tensors& in) {
  const Values t = before_slope(in);
  const std::int64_t channels = in[0].dim(-1);
  const auto *slope = in[5].data<float>(), *dy = in[6].data<float>();
  const auto positive = [&](std::int64_t i) { return t[static_cast<std::size_t>(i)] > 0; };
  Tensor dt = in[6].clone();
  for (std::int64_t i = 0; i < dt.numel(); ++i) dt.data<float>()[i] *= positive(i) ? 1 : slope[i % channels];
  const auto g = reference::batch_norm_backward(dt, in[0], test::in_double(norm_prelu_terms(in)), true);
  const Values dslope = sum_rows(dt.numel(), channels, [&](std::int64_t i) {
    return positive(i) ? 0 : dy[i] * t[static_cast<std::size_t>(i)];
  });
  return {g.dx, g.dgamma, g.dbeta, dslope};
}

std::vector<Case> batch_norm_prelu_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  return {operation("batch_norm_prelu", shape,
                    [=] {
                      return Operation{norm_prelu_inputs(shape),
                                       [](Tensors& in) {
                                         return Tensors{kernels::batch_norm_prelu(in[0], norm_prelu_terms(in),
                                                                                  in[5], "tern-bench")};
                                       },
                                       norm_prelu_forward};
                    }),
          operation("batch_norm_prelu_backward", shape, [=] {
            Operation o{norm_prelu_inputs(shape),
                        [](Tensors& in) {
                          const auto g = kernels::batch_norm_prelu_backward(
                              in[6], in[0], norm_prelu_terms(in), in[5], true);
                          return Tensors{g.batch_norm.dx, g.batch_norm.dgamma, g.batch_norm.dbeta, g.dslope};
                        },
                        norm_prelu_backward};
            o.inputs.push_back(test::random_tensor(shape, 4));
            return o;
          })};
}

const CaseGroup kBatchNormPrelu("op/batch_norm_prelu", &batch_norm_prelu_cases);

}  // namespace
}  // namespace tern::bench
