#include "tern/kernels/branch_step.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;
using kernels::AdamMoments;
using kernels::BranchPair;
using kernels::WeightGradientRule;

namespace {

// Latent weights some of which are beyond +-1, as an optimiser may leave them; the last filter has alpha = 0.
BranchPair random_pair(const Shape& shape, Device device) {
  Tensor scale = test::random_tensor({shape[0]}, 4, 0.1F, 1.0F);
  scale.data<float>()[shape[0] - 1] = 0;
  return {test::random_tensor(shape, 1, -1.2F, 1.2F).to(device),
          test::random_tensor(shape, 2, -1.2F, 1.2F).to(device), test::random_tensor(shape, 3).to(device),
          scale.to(device)};
}

BranchPair copy_of(const BranchPair& pair) {
  return {pair.w1.clone(), pair.w2.clone(), pair.dt, pair.scale};
}

const std::vector<Shape> kShapes = {{3, 3, 3, 8}, {5, 1, 1, 65}, {1, 1, 1, 1}, {2, 3, 3, 130}};

// Runs `check(pair, rule)` for every shape and rule.
template <class Check>
void for_each_problem(Device device, const Check& check) {
  for (const Shape& shape : kShapes) {
    for (const auto rule :
         {WeightGradientRule::official, WeightGradientRule::exact, WeightGradientRule::polynomial}) {
      INFO(to_string(shape) << " rule " << static_cast<int>(rule));
      check(random_pair(shape, device), rule);
    }
  }
}

kernels::BranchGradients gradients_of(const BranchPair& pair, WeightGradientRule rule) {
  return kernels::binary_branch_weights_backward(pair.dt, pair.w1, pair.w2, pair.scale, rule);
}

}  // namespace

TEST_CASE("branch_step: Adam on the pair gives the bits of the gradient rule and Adam on each branch") {
  const Device device = test::each_device();
  for_each_problem(device, [&](BranchPair pair, WeightGradientRule rule) {
    BranchPair fused = copy_of(pair);
    const auto fresh = [&] {
      return AdamMoments{Tensor::zeros(pair.w1.shape(), DType::f32, device),
                         Tensor::zeros(pair.w1.shape(), DType::f32, device)};
    };
    AdamMoments fused1 = fresh(), fused2 = fresh(), plain1 = fresh(), plain2 = fresh();
    kernels::AdamStep step;
    step.lr = 0.005;
    step.weight_decay = 0.01;
    step.gradient_scale = 0.5;
    for (step.t = 1; step.t <= 3; ++step.t) {
      kernels::adam_branch_step(fused, rule, fused1, fused2, step);
      const kernels::BranchGradients g = gradients_of(pair, rule);
      std::vector<kernels::AdamParameter> parameters{{pair.w1, g.dw1, plain1.m, plain1.v},
                                                     {pair.w2, g.dw2, plain2.m, plain2.v}};
      kernels::adam_step(parameters, step);
    }
    CHECK(test::bit_difference(fused.w1, pair.w1) == "");
    CHECK(test::bit_difference(fused.w2, pair.w2) == "");
    CHECK(test::bit_difference(fused1.m, plain1.m) == "");
    CHECK(test::bit_difference(fused1.v, plain1.v) == "");
    CHECK(test::bit_difference(fused2.m, plain2.m) == "");
    CHECK(test::bit_difference(fused2.v, plain2.v) == "");
  });
}

TEST_CASE("branch_step: SGD on the pair gives the bits of the gradient rule and SGD on each branch") {
  const Device device = test::each_device();
  for (const float momentum : {0.0F, 0.9F}) {
    kernels::SgdStep step;
    step.lr = 0.1F;
    step.momentum = momentum;
    step.weight_decay = 0.01F;
    step.nesterov = momentum != 0;
    for_each_problem(device, [&](BranchPair pair, WeightGradientRule rule) {
      BranchPair fused = copy_of(pair);
      const auto fresh = [&] { return Tensor::zeros(pair.w1.shape(), DType::f32, device); };
      Tensor fused1 = fresh(), fused2 = fresh();
      const Tensor plain1 = fresh(), plain2 = fresh();
      for (int i = 0; i < 3; ++i) {
        kernels::sgd_branch_step(fused, rule, fused1, fused2, step);
        const kernels::BranchGradients g = gradients_of(pair, rule);
        std::vector<kernels::SgdParameter> parameters{{pair.w1, g.dw1, plain1}, {pair.w2, g.dw2, plain2}};
        kernels::sgd_step(parameters, step);
      }
      CHECK(test::bit_difference(fused.w1, pair.w1) == "");
      CHECK(test::bit_difference(fused.w2, pair.w2) == "");
      CHECK(test::bit_difference(fused1, plain1) == "");
      CHECK(test::bit_difference(fused2, plain2) == "");
    });
  }
}

TEST_CASE("branch_step: arguments that do not fit together are named") {
  BranchPair pair = random_pair({2, 1, 1, 4}, Device{});
  AdamMoments moments{Tensor::zeros({2, 1, 1, 4}), Tensor::zeros({2, 1, 1, 4})}, other = moments;
  other.v = Tensor::zeros({2, 1, 1, 5});
  CHECK_THROWS_WITH(kernels::adam_branch_step(pair, WeightGradientRule::official, moments, other, {}),
                    "adam_branch_step: a moment is f32 (2, 1, 1, 5) but dt is f32 (2, 1, 1, 4)");
  kernels::SgdStep step;
  step.momentum = 0.5F;
  Tensor none;
  CHECK_THROWS_WITH(kernels::sgd_branch_step(pair, WeightGradientRule::official, none, none, step),
                    "sgd_branch_step: buffer1 or dt is undefined");
  pair.w2 = pair.w1;
  CHECK_THROWS_WITH(kernels::sgd_branch_step(pair, WeightGradientRule::official, none, none, {}),
                    "sgd_branch_step: w1 and w2 are the same tensor");
  pair.scale = Tensor::zeros({3});
  pair.w2 = pair.w1.clone();
  CHECK_THROWS_WITH(kernels::sgd_branch_step(pair, WeightGradientRule::official, none, none, {}),
                    "sgd_branch_step: scale is (3,), expected one value for each of 2 channels");
}
