#include "tern/kernels/branch_step.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;
using kernels::AdamBranchPair;
using kernels::AdamMoments;
using kernels::BranchPair;
using kernels::SgdBranchPair;
using kernels::WeightGradientRule;

namespace {

const std::vector<Shape> kShapes = {{3, 3, 3, 8}, {5, 1, 1, 65}, {0, 3, 3, 8}, {1, 1, 1, 1}, {2, 3, 3, 130}};
const Shape kSmall{1, 1, 1, 5};
constexpr int kMany = 65;  // more than one launch takes

// Latent weights some of which are beyond +-1, as an optimiser may leave them; the last filter has alpha = 0.
BranchPair random_pair(const Shape& shape, std::uint32_t seed, Device device) {
  Tensor scale = test::random_tensor({shape[0]}, seed + 3, 0.1F, 1.0F);
  if (shape[0] > 0) scale.data<float>()[shape[0] - 1] = 0;
  return {test::random_tensor(shape, seed, -1.2F, 1.2F).to(device),
          test::random_tensor(shape, seed + 1, -1.2F, 1.2F).to(device),
          test::random_tensor(shape, seed + 2).to(device), scale.to(device)};
}

BranchPair copy_of(const BranchPair& pair) {
  return {pair.w1.clone(), pair.w2.clone(), pair.dt, pair.scale};
}

Tensor zeros_like(const Tensor& x) {
  return Tensor::zeros(x.shape(), DType::f32, x.device());
}

AdamBranchPair with_moments(const BranchPair& pair) {
  const auto fresh = [&] { return AdamMoments{zeros_like(pair.w1), zeros_like(pair.w1)}; };
  return {copy_of(pair), fresh(), fresh()};
}

SgdBranchPair with_buffers(const BranchPair& pair) {
  return {copy_of(pair), zeros_like(pair.w1), zeros_like(pair.w1)};
}

// Runs `check(pairs, rule)` with pairs of all shapes, for every rule; with many pairs for one of them.
template <class Check>
void for_each_problem(Device device, const Check& check) {
  for (const auto rule :
       {WeightGradientRule::official, WeightGradientRule::exact, WeightGradientRule::polynomial}) {
    std::vector<Shape> shapes = kShapes;
    if (rule == WeightGradientRule::exact) shapes.insert(shapes.begin() + 2, kMany, kSmall);
    std::vector<BranchPair> pairs;
    for (const Shape& shape : shapes) {
      pairs.push_back(random_pair(shape, static_cast<std::uint32_t>(4 * pairs.size()), device));
    }
    INFO("rule " << static_cast<int>(rule));
    check(pairs, rule);
  }
}

kernels::BranchGradients gradients_of(const BranchPair& pair, WeightGradientRule rule) {
  return kernels::binary_branch_weights_backward(pair.dt, pair.w1, pair.w2, pair.scale, rule);
}

void check_equal(const std::vector<Tensor>& fused, const std::vector<Tensor>& plain) {
  for (std::size_t i = 0; i < fused.size(); ++i) {
    INFO("tensor " << i);
    CHECK(test::bit_difference(fused[i], plain[i]) == "");
  }
}

}  // namespace

TEST_CASE("branch_step: Adam on many pairs gives the bits of the gradient rule and Adam on each branch") {
  const Device device = test::each_device();
  for_each_problem(device, [](const std::vector<BranchPair>& pairs, WeightGradientRule rule) {
    std::vector<AdamBranchPair> fused, plain;
    for (const BranchPair& pair : pairs) {
      fused.push_back(with_moments(pair));
      plain.push_back(with_moments(pair));
    }
    kernels::AdamStep step;
    step.lr = 0.005;
    step.weight_decay = 0.01;
    step.gradient_scale = 0.5;
    for (step.t = 1; step.t <= 2; ++step.t) {
      kernels::adam_branch_step(fused, rule, step);
      std::vector<kernels::AdamParameter> parameters;
      for (const AdamBranchPair& p : plain) {
        const kernels::BranchGradients g = gradients_of(p, rule);
        parameters.push_back({p.w1, g.dw1, p.of_w1.m, p.of_w1.v});
        parameters.push_back({p.w2, g.dw2, p.of_w2.m, p.of_w2.v});
      }
      kernels::adam_step(parameters, step);
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      INFO("pair " << i << " of " << to_string(pairs[i].w1.shape()));
      const auto all = [](const AdamBranchPair& p) {
        return std::vector{p.w1, p.w2, p.of_w1.m, p.of_w1.v, p.of_w2.m, p.of_w2.v};
      };
      check_equal(all(fused[i]), all(plain[i]));
    }
  });
}

TEST_CASE("branch_step: SGD on many pairs gives the bits of the gradient rule and SGD on each branch") {
  const Device device = test::each_device();
  for (const float momentum : {0.0F, 0.9F}) {
    kernels::SgdStep step;
    step.lr = 0.1F;
    step.momentum = momentum;
    step.weight_decay = 0.01F;
    step.nesterov = momentum != 0;
    for_each_problem(device, [&](const std::vector<BranchPair>& pairs, WeightGradientRule rule) {
      std::vector<SgdBranchPair> fused, plain;
      for (const BranchPair& pair : pairs) {
        fused.push_back(with_buffers(pair));
        plain.push_back(with_buffers(pair));
      }
      for (int t = 0; t < 2; ++t) {
        kernels::sgd_branch_step(fused, rule, step);
        std::vector<kernels::SgdParameter> parameters;
        for (const SgdBranchPair& p : plain) {
          const kernels::BranchGradients g = gradients_of(p, rule);
          parameters.push_back({p.w1, g.dw1, p.buffer1});
          parameters.push_back({p.w2, g.dw2, p.buffer2});
        }
        kernels::sgd_step(parameters, step);
      }
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        INFO("pair " << i << " of " << to_string(pairs[i].w1.shape()));
        const auto all = [](const SgdBranchPair& p) { return std::vector{p.w1, p.w2, p.buffer1, p.buffer2}; };
        check_equal(all(fused[i]), all(plain[i]));
      }
    });
  }
}

TEST_CASE("branch_step: without pairs there is nothing to do") {
  std::vector<AdamBranchPair> adam;
  std::vector<SgdBranchPair> sgd;
  CHECK_NOTHROW(kernels::adam_branch_step(adam, WeightGradientRule::official, {}));
  CHECK_NOTHROW(kernels::sgd_branch_step(sgd, WeightGradientRule::official, {}));
}

TEST_CASE("branch_step: arguments that do not fit together are named") {
  const BranchPair pair = random_pair({2, 1, 1, 4}, 1, Device{});
  std::vector<AdamBranchPair> adam{with_moments(pair), with_moments(pair)};
  adam[1].of_w2.v = Tensor::zeros({2, 1, 1, 5});
  CHECK_THROWS_WITH(kernels::adam_branch_step(adam, WeightGradientRule::official, {}),
                    "adam_branch_step: a moment is f32 (2, 1, 1, 5) but dt is f32 (2, 1, 1, 4)");
  const auto step_of = [](const BranchPair& wrong, const kernels::SgdStep& step) {
    std::vector<SgdBranchPair> sgd{{wrong, {}, {}}};
    kernels::sgd_branch_step(sgd, WeightGradientRule::official, step);
  };
  kernels::SgdStep step;
  step.momentum = 0.5F;
  CHECK_THROWS_WITH(step_of(pair, step), "sgd_branch_step: buffer1 or dt is undefined");
  BranchPair wrong = pair;
  wrong.w2 = wrong.w1;
  CHECK_THROWS_WITH(step_of(wrong, {}), "sgd_branch_step: w1 and w2 are the same tensor");
  wrong = pair;
  wrong.scale = Tensor::zeros({3});
  CHECK_THROWS_WITH(step_of(wrong, {}),
                    "sgd_branch_step: scale is (3,), expected one value for each of 2 channels");
}
