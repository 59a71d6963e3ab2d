#include "tern/layers/ternary/sttn.h"

#include "tern/core/error.h"
#include "tern/layers/functions/ternary_conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("binary_branch_weights: the variables themselves are clamped") {
  const Device device = test::each_device();
  const Variable w1(Tensor::from<float>({1, 1, 1, 2}, {3.0F, -0.5F}).to(device), true);
  const Variable w2(Tensor::from<float>({1, 1, 1, 2}, {-3.0F, 0.5F}).to(device), true);
  const TernaryVariables weights = binary_branch_weights(w1, w2, WeightGradientRule::official);
  CHECK(test::difference(w1.value(), {1, -0.5}, 0.0) == "");
  CHECK(test::difference(w2.value(), {-1, 0.5}, 0.0) == "");
  CHECK(test::difference(weights.ternary.value(), {0, 0}, 0.0) == "");
  CHECK(test::difference(weights.scale.value(), {1.5}, 0.0) == "");
}

TEST_CASE("binary_branch_weights: backward applies the rule that was asked for") {
  const Device device = test::each_device();
  const Tensor latent1 = test::random_tensor({3, 3, 3, 5}, 1).to(device);
  const Tensor latent2 = test::random_tensor({3, 3, 3, 5}, 2).to(device);
  const Tensor x = test::random_ternary({2, 4, 5, 5}, 3);
  const Tensor dz = test::random_tensor({2, 4, 5, 3}, 4).to(device);
  for (const std::string& name : weight_gradient_rule_names()) {
    const WeightGradientRule rule = weight_gradient_rule(name);
    const Variable w1(latent1.clone(), true), w2(latent2.clone(), true);
    const TernaryVariables weights = binary_branch_weights(w1, w2, rule);
    ternary_conv2d(Variable(x.to(device)), weights.ternary, {1, 1}).backward(dz);
    const Tensor dt =
        kernels::conv2d_backward_weights(dz, test::converted<float>(x).to(device), w1.shape(), {1, 1});
    const auto expected =
        kernels::binary_branch_weights_backward(dt, w1.value(), w2.value(), weights.scale.value(), rule);
    CHECK(test::bit_difference(w1.grad(), expected.dw1) == "");
    CHECK(test::bit_difference(w2.grad(), expected.dw2) == "");
  }
}

TEST_CASE("sttn: the rules of the gradient have names, and there are no others") {
  CHECK(weight_gradient_rule("official") == WeightGradientRule::official);
  CHECK(weight_gradient_rule("exact") == WeightGradientRule::exact);
  CHECK(weight_gradient_rule("polynomial") == WeightGradientRule::polynomial);
  CHECK_THROWS_WITH(weight_gradient_rule("poly"), Catch::Contains("official, exact, polynomial"));
}
