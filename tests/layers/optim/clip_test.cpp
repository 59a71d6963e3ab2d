#include "tern/layers/optim/clip.h"

#include <limits>

#include "tern/core/error.h"
#include "tern/layers/ternary/sttn.h"
#include "tests/layers/optim/golden_problem.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;

namespace {

Variable with_gradient(const Tensor& gradient, Device device = {}) {
  const Variable w(Tensor::zeros(gradient.shape(), DType::f32, device), true);
  test::set_gradient(w, gradient);
  return w;
}

}  // namespace

TEST_CASE("clip: the norm spans all gradients and skips parameters without one") {
  const Device device = test::each_device();
  const Variable none(Tensor::zeros({4}, DType::f32, device), true);
  const NamedVariables parameters{{"a", with_gradient(Tensor::from<float>({2}, {2, -3}), device)},
                                  {"none", none},
                                  {"b", with_gradient(Tensor::from<float>({1, 1}, {6}), device)}};
  CHECK(gradient_norm(parameters) == 7.0);
}

TEST_CASE("clip: every element counts once, whatever the size") {
  const Device device = test::each_device();
  for (const std::int64_t size : {1, 15, 16, 17, 31, 33, 16384, 16385, 49999, 2000003}) {
    INFO("size " << size);
    // All ones: partial sums are integers, so that the sum is exact.
    CHECK(gradient_norm({{"w", with_gradient(Tensor::full({size}, 1), device)}}) ==
          std::sqrt(static_cast<double>(size)));
  }
}

TEST_CASE("clip: the norm does not depend on the number of threads") {
  const NamedVariables parameters{{"w", with_gradient(test::random_tensor({300, 1001}, 5))}};
  const test::ThreadCount threads(1);
  const double one = gradient_norm(parameters);
  set_thread_count(3);
  const double three = gradient_norm(parameters);
  CHECK(one == three);
}

TEST_CASE("clip: large gradients do not overflow") {
  const Device device = test::each_device();
  CHECK(gradient_norm({{"w", with_gradient(Tensor::full({4}, 0x1p127F), device)}}) == 0x1p128);
}

TEST_CASE("clip: a gradient that is not finite is an error naming the parameter") {
  const Device device = test::each_device();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const NamedVariables parameters{{"good", with_gradient(Tensor::full({2}, 1), device)},
                                    {"stem.bad", with_gradient(Tensor::from<float>({2}, {1, bad}), device)}};
    CHECK_THROWS_WITH(gradient_norm(parameters), Catch::Contains("stem.bad"));
    CHECK_THROWS_AS(gradient_norm(parameters), NumericError);
  }
}

TEST_CASE("clip: the branch of a pair whose gradient is not finite is named") {
  const Device device = test::each_device();
  const Variable w1(Tensor::full({1, 1, 1, 2}, 0.5F).to(device), true);
  const Variable w2(Tensor::full({1, 1, 1, 2}, 0.5F).to(device), true);
  const Tensor dt = Tensor::full({1, 1, 1, 2}, std::numeric_limits<float>::infinity());
  binary_branch_weights(w1, w2, WeightGradientRule::official).ternary.backward(dt.to(device));
  CHECK_THROWS_WITH(gradient_norm({{"conv_1", w1}, {"conv_2", w2}}), Catch::Contains("conv_1"));
  CHECK_THROWS_WITH(gradient_norm({{"conv_2", w2}}), Catch::Contains("conv_2"));
}

TEST_CASE("clip: the scale brings large norms to the maximum and leaves small ones") {
  CHECK(clip_scale(0.0, 1.0) == 1.0);
  CHECK(clip_scale(0.5, 1.0) == 1.0);
  CHECK(clip_scale(7.0, 1.0) == 1.0 / (7.0 + 1e-6));
  CHECK_THROWS_AS(clip_scale(1.0, 0.0), ConfigError);
}
