#include <algorithm>
#include <cmath>

#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/three_branch_weights.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

double sign_of(float w) {
  return w < 0 ? -1 : 1;
}

std::vector<Values> prepared_three(const Tensors& in) {
  const float* w[] = {in[0].data<float>(), in[1].data<float>(), in[2].data<float>()};
  const std::int64_t count = in[0].numel(), filter = count / in[0].dim(0);
  Values scale(static_cast<std::size_t>(in[0].dim(0)), 0.0);
  for (std::int64_t i = 0; i < count; ++i) {
    for (const float* branch : w) {
      scale[static_cast<std::size_t>(i / filter)] +=
          std::min(1.0, double{std::abs(branch[i])}) / static_cast<double>(3 * filter);
    }
  }
  return {
      generate(count, [=](std::int64_t i) { return sign_of(w[0][i]) + sign_of(w[1][i]) + sign_of(w[2][i]); }),
      scale};
}

/// The official rule, g_b = G + s_b * mean(s_b * G), where dt = scale * G; in: dt, scale, w1, w2, w3.
Values gradient_of_branch(const Tensors& in, std::size_t branch) {
  const float *dt = in[0].data<float>(), *scale = in[1].data<float>(), *w = in[2 + branch].data<float>();
  const std::int64_t count = in[0].numel(), filter = count / in[0].dim(0);
  const auto g = [=](std::int64_t i) { return double{dt[i]} / scale[i / filter]; };
  Values means(static_cast<std::size_t>(in[0].dim(0)), 0.0);
  for (std::int64_t i = 0; i < count; ++i)
    means[static_cast<std::size_t>(i / filter)] += sign_of(w[i]) * g(i) / static_cast<double>(filter);
  return generate(count, [&](std::int64_t i) {
    return g(i) + sign_of(w[i]) * means[static_cast<std::size_t>(i / filter)];
  });
}

std::vector<Case> three_branch_weights_cases(Scale scale) {
  const Shape shape = weight_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1, -1.5F, 1.5F), test::random_tensor(shape, 2, -1.5F, 1.5F),
                      test::random_tensor(shape, 3, -1.5F, 1.5F)},
                     [](Tensors& in) {
                       kernels::ThreeBranches w{in[0], in[1], in[2]};
                       const auto t = kernels::three_branch_weights(w);
                       return Tensors{t.ternary, t.scale};
                     },
                     prepared_three};
  };
  const auto backward = [=] {
    return Operation{
        {test::random_tensor(shape, 4), test::random_tensor({shape[0]}, 5, 0.5F, 1),
         test::random_tensor(shape, 1), test::random_tensor(shape, 2), test::random_tensor(shape, 3)},
        [](Tensors& in) {
          const kernels::ThreeBranches dw = kernels::three_branch_weights_backward(
              in[0], {in[2], in[3], in[4]}, in[1], kernels::WeightGradientRule::official);
          return Tensors{dw[0], dw[1], dw[2]};
        },
        [](const Tensors& in) {
          return std::vector<Values>{gradient_of_branch(in, 0), gradient_of_branch(in, 1),
                                     gradient_of_branch(in, 2)};
        }};
  };
  return {operation("three_branch_weights", shape, forward),
          operation("three_branch_weights_backward", shape, backward)};
}

const CaseGroup kThreeBranchWeights("op/three_branch_weights", &three_branch_weights_cases);

}  // namespace
}  // namespace tern::bench
