#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/branch_step.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

// A fused step is defined as its two parts one after the other (kernels/branch_step.h), whose own cases are
// verified against plain loops; here they run on the CPU.
kernels::BranchGradients gradients(const Tensors& in) {
  return kernels::binary_branch_weights_backward(in[2], in[0], in[1], in[3],
                                                 kernels::WeightGradientRule::official);
}

Tensors weights(const Shape& shape) {
  return {test::random_tensor(shape, 1), test::random_tensor(shape, 2), test::random_tensor(shape, 3),
          test::random_tensor({shape[0]}, 4, 0.5F, 1)};
}

Operation adam(const Shape& shape) {
  Operation o;
  o.inputs = weights(shape);
  for (const std::uint32_t seed : {5, 6, 7, 8}) o.inputs.push_back(test::random_tensor(shape, seed, 0.1F, 1));
  kernels::AdamStep step;
  step.lr = 1e-3;
  o.run = [step](Tensors& in) {
    std::vector<kernels::AdamBranchPair> pairs{
        {{in[0], in[1], in[2], in[3]}, {in[4], in[5]}, {in[6], in[7]}}};
    kernels::adam_branch_step(pairs, kernels::WeightGradientRule::official, step);
    return Tensors{in[0], in[1], in[4], in[5], in[6], in[7]};
  };
  o.expected = [step](const Tensors& in) {
    const auto g = gradients(in);
    std::vector<kernels::AdamParameter> both{{in[0].clone(), g.dw1, in[4].clone(), in[5].clone()},
                                             {in[1].clone(), g.dw2, in[6].clone(), in[7].clone()}};
    kernels::adam_step(both, step);
    return std::vector<Values>{test::as_doubles(both[0].w), test::as_doubles(both[1].w),
                               test::as_doubles(both[0].m), test::as_doubles(both[0].v),
                               test::as_doubles(both[1].m), test::as_doubles(both[1].v)};
  };
  return o;
}

Operation sgd(const Shape& shape) {
  Operation o;
  o.inputs = weights(shape);
  for (const std::uint32_t seed : {5, 6}) o.inputs.push_back(test::random_tensor(shape, seed));
  const kernels::SgdStep step{0.1F, 0.9F, 1e-4F, 1, false};
  o.run = [step](Tensors& in) {
    std::vector<kernels::SgdBranchPair> pairs{{{in[0], in[1], in[2], in[3]}, in[4], in[5]}};
    kernels::sgd_branch_step(pairs, kernels::WeightGradientRule::official, step);
    return Tensors{in[0], in[1], in[4], in[5]};
  };
  o.expected = [step](const Tensors& in) {
    const auto g = gradients(in);
    std::vector<kernels::SgdParameter> both{{in[0].clone(), g.dw1, in[4].clone()},
                                            {in[1].clone(), g.dw2, in[5].clone()}};
    kernels::sgd_step(both, step);
    return std::vector<Values>{test::as_doubles(both[0].w), test::as_doubles(both[1].w),
                               test::as_doubles(both[0].buffer), test::as_doubles(both[1].buffer)};
  };
  return o;
}

std::vector<Case> branch_step_cases(Scale scale) {
  const Shape shape = weight_shape(scale);
  return {operation("adam_branch_step", shape, [=] { return adam(shape); }),
          operation("sgd_branch_step", shape, [=] { return sgd(shape); })};
}

const CaseGroup kBranchStep("op/branch_step", &branch_step_cases);

}  // namespace
}  // namespace tern::bench
