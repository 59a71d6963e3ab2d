#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/batch_norm.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> batch_norm_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const kernels::BatchNormTerms terms = test::random_terms(shape[-1], 1);
  const auto normalisation = test::in_double(terms);
  const auto statistics = [=] {
    return Operation{{test::random_tensor(shape, 1)},
                     [](Tensors& in) {
                       const auto s = kernels::channel_statistics(in[0]);
                       return Tensors{s.mean, s.variance};
                     },
                     [](const Tensors& in) {
                       const auto s = reference::channel_statistics(in[0]);
                       return std::vector<Values>{s.mean, s.variance};
                     }};
  };
  const auto forward = [=] {
    return Operation{
        {test::random_tensor(shape, 1), terms.mean, terms.inv_std, terms.gamma, terms.beta},
        [](Tensors& in) {
          return Tensors{kernels::batch_norm(in[0], {in[1], in[2], in[3], in[4]}, "tern-bench")};
        },
        [=](const Tensors& in) { return std::vector<Values>{reference::batch_norm(in[0], normalisation)}; }};
  };
  const auto backward = [=] {
    return Operation{
        {test::random_tensor(shape, 1), test::random_tensor(shape, 2), terms.mean, terms.inv_std, terms.gamma,
         terms.beta},
        [](Tensors& in) {
          const auto g = kernels::batch_norm_backward(in[0], in[1], {in[2], in[3], in[4], in[5]}, true);
          return Tensors{g.dx, g.dgamma, g.dbeta};
        },
        [=](const Tensors& in) {
          const auto g = reference::batch_norm_backward(in[0], in[1], normalisation, true);
          return std::vector<Values>{g.dx, g.dgamma, g.dbeta};
        }};
  };
  return {operation("channel_statistics", shape, statistics), operation("batch_norm", shape, forward),
          operation("batch_norm_backward", shape, backward)};
}

const CaseGroup kBatchNorm("op/batch_norm", &batch_norm_cases);

}  // namespace
}  // namespace tern::bench
