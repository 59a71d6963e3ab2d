#include <algorithm>
#include <cmath>

#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/binary_branch_weights.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

double sign(float w) {
  return w < 0 ? -1 : 1;
}

/// sum_k f(filter * size + k) / size of every filter, for each of its weights.
template <class Function>
Values filter_means(const Shape& shape, const Function& f) {
  const std::int64_t size = shape.numel() / shape[0];
  Values means(static_cast<std::size_t>(shape[0]), 0.0);
  for (std::int64_t i = 0; i < shape.numel(); ++i) means[static_cast<std::size_t>(i / size)] += f(i);
  for (double& mean : means) mean /= static_cast<double>(size);
  return means;
}

std::vector<Values> prepared(const Tensors& in) {
  const auto *w1 = in[0].data<float>(), *w2 = in[1].data<float>();
  return {generate(in[0].numel(), [=](std::int64_t i) { return (sign(w1[i]) + sign(w2[i])) / 2; }),
          filter_means(in[0].shape(), [=](std::int64_t i) {
            return std::min(1.0, double{std::abs(w1[i])}) + std::min(1.0, double{std::abs(w2[i])});
          })};
}

/// The official rule, g_b = G + s_b * mean(s_b * G), where dt = scale * G.
Values gradient(const Tensors& in, int branch) {
  const auto *dt = in[0].data<float>(), *w = in[branch].data<float>(), *scale = in[3].data<float>();
  const std::int64_t size = in[0].numel() / in[0].dim(0);
  const auto g = [=](std::int64_t i) { return double{dt[i]} / scale[i / size]; };
  const Values means = filter_means(in[0].shape(), [=](std::int64_t i) { return sign(w[i]) * g(i); });
  return generate(in[0].numel(), [&](std::int64_t i) {
    return g(i) + sign(w[i]) * means[static_cast<std::size_t>(i / size)];
  });
}

std::vector<Case> binary_branch_weights_cases(Scale scale) {
  const Shape shape = weight_shape(scale);
  const auto forward = [=] {
    return Operation{{test::random_tensor(shape, 1, -1.5F, 1.5F), test::random_tensor(shape, 2, -1.5F, 1.5F)},
                     [](Tensors& in) {
                       const auto t = kernels::binary_branch_weights(in[0], in[1]);
                       return Tensors{t.ternary, t.scale};
                     },
                     prepared};
  };
  const auto inputs = [=] {
    return Tensors{test::random_tensor(shape, 3), test::random_tensor(shape, 1),
                   test::random_tensor(shape, 2), test::random_tensor({shape[0]}, 4, 0.5F, 1)};
  };
  const auto backward = [=] {
    return Operation{inputs(),
                     [](Tensors& in) {
                       const auto g = kernels::binary_branch_weights_backward(
                           in[0], in[1], in[2], in[3], kernels::WeightGradientRule::official);
                       return Tensors{g.dw1, g.dw2};
                     },
                     [](const Tensors& in) {
                       return std::vector<Values>{gradient(in, 1), gradient(in, 2)};
                     }};
  };
  const auto one_branch = [=] {
    return Operation{inputs(),
                     [](Tensors& in) {
                       return Tensors{kernels::binary_branch_gradient(
                           in[0], in[1], in[2], in[3], kernels::WeightGradientRule::official, 1)};
                     },
                     [](const Tensors& in) { return std::vector<Values>{gradient(in, 2)}; }};
  };
  return {operation("binary_branch_weights", shape, forward),
          operation("binary_branch_weights_backward", shape, backward),
          operation("binary_branch_gradient", shape, one_branch)};
}

const CaseGroup kBinaryBranchWeights("op/binary_branch_weights", &binary_branch_weights_cases);

}  // namespace
}  // namespace tern::bench
