#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/scale_batch_norm_add_prelu.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

using Terms = kernels::BatchNormTerms;

/// z, scale, shortcut, slope, then the terms.
Tensors inputs(const Shape& shape) {
  const Shape channels{shape[-1]};
  const Terms terms = test::random_terms(shape[-1], 1);
  return {test::random_integers(shape, 5, 500),
          test::random_tensor(channels, 6, 0.01F, 0.1F),
          test::random_tensor(shape, 7),
          test::random_tensor(channels, 8),
          terms.mean,
          terms.inv_std,
          terms.gamma,
          terms.beta};
}

Terms terms_of(const Tensors& in) {
  return {in[4], in[5], in[6], in[7]};
}

Tensor scaled(const Tensors& in) {
  Tensor x = Tensor::empty(in[0].shape());
  const std::int64_t channels = in[0].dim(-1);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    x.data<float>()[i] = in[1].data<float>()[i % channels] * in[0].data<std::int16_t>()[i];
  }
  return x;
}

/// What goes into the PReLU.
Values before_prelu(const Tensors& in) {
  Values u = reference::batch_norm(scaled(in), test::in_double(terms_of(in)));
  for (std::size_t i = 0; i < u.size(); ++i) u[i] += in[2].data<float>()[i];
  return u;
}

std::vector<Values> forward(const Tensors& in) {
  Values y = before_prelu(in);
  const auto* slope = in[3].data<float>();
  const auto channels = static_cast<std::size_t>(in[0].dim(-1));
  for (std::size_t i = 0; i < y.size(); ++i) y[i] *= y[i] > 0 ? 1 : slope[i % channels];
  return {y};
}

/// In order: dL/dz, dgamma, dbeta, dshortcut, dslope, for in[8] = dy.
std::vector<Values> backward(const Tensors& in) {
  const Values u = before_prelu(in);
  const std::int64_t channels = in[0].dim(-1);
  const auto *dy = in[8].data<float>(), *slope = in[3].data<float>(), *factor = in[1].data<float>();
  const auto positive = [&](std::int64_t i) { return u[static_cast<std::size_t>(i)] > 0; };
  Tensor du = in[8].clone();
  for (std::int64_t i = 0; i < du.numel(); ++i) du.data<float>()[i] *= positive(i) ? 1 : slope[i % channels];
  auto g = reference::batch_norm_backward(du, scaled(in), test::in_double(terms_of(in)), true);
  for (std::size_t i = 0; i < g.dx.size(); ++i) g.dx[i] *= factor[i % static_cast<std::size_t>(channels)];
  const Values dslope = sum_rows(du.numel(), channels, [&](std::int64_t i) {
    return positive(i) ? 0 : dy[i] * u[static_cast<std::size_t>(i)];
  });
  return {g.dx, g.dgamma, g.dbeta, test::as_doubles(du), dslope};
}

std::vector<Case> scale_batch_norm_add_prelu_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  return {
      operation("scale_batch_norm_add_prelu", shape,
                [=] {
                  return Operation{inputs(shape),
                                   [](Tensors& in) {
                                     return Tensors{kernels::scale_batch_norm_add_prelu(
                                         in[0], in[1], terms_of(in), in[2], in[3], "tern-bench")};
                                   },
                                   forward};
                }),
      operation("scale_batch_norm_add_prelu_backward", shape, [=] {
        Operation o{
            inputs(shape),
            [](Tensors& in) {
              const auto g = kernels::scale_batch_norm_add_prelu_backward(in[8], in[0], in[1], terms_of(in),
                                                                          in[2], in[3], true);
              return Tensors{g.batch_norm.dx, g.batch_norm.dgamma, g.batch_norm.dbeta, g.dshortcut, g.dslope};
            },
            backward};
        o.inputs.push_back(test::random_tensor(shape, 9));
        return o;
      })};
}

const CaseGroup kScaleBatchNormAddPrelu("op/scale_batch_norm_add_prelu", &scale_batch_norm_add_prelu_cases);

}  // namespace
}  // namespace tern::bench
