#include "tern/kernels/ternary_weights.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tests/reference/ternary_weights.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/random_tensors.h"
#include "tests/support/thread_count.h"

using namespace tern;
using kernels::WeightMethod;

namespace {

constexpr WeightMethod kMethods[] = {WeightMethod::twn, WeightMethod::lsq, WeightMethod::threshold,
                                     WeightMethod::binary};

// As a method begins: a step of LSQ that the weights are to set, a threshold of 0.7 mean|W|.
Tensor first_learned(WeightMethod method, std::int64_t filters, Device device) {
  if (!learns_per_filter(method)) return {};
  return Tensor::full({filters}, method == WeightMethod::lsq ? 0.0F : 0.7F).to(device);
}

// Forward and backward.
struct Results {
  kernels::TernaryWeights weights;
  kernels::TernaryWeightGradients gradients;
};

Results run(WeightMethod method, const Tensor& w, const Tensor& dt, Device device) {
  const Tensor latent = w.to(device);
  const Tensor learned = first_learned(method, w.dim(0), device);
  Results results{kernels::ternary_weights(method, latent, learned), {}};
  results.gradients =
      kernels::ternary_weights_backward(method, dt.to(device), latent, results.weights.scale, learned);
  return results;
}

}  // namespace

TEST_CASE("ternary_weights: worked examples") {
  const Device device = test::each_device();
  // mean|w| = 1
  const Tensor w = Tensor::from<float>({1, 5}, {0.0F, -0.75F, 0.25F, 2.0F, -2.0F}).to(device);
  const auto of = [&](WeightMethod method) {
    return kernels::ternary_weights(method, w, first_learned(method, 1, device));
  };
  const kernels::TernaryWeights twn = of(WeightMethod::twn);  // above 0.7: 0.75, 2 and 2
  CHECK(twn.ternary.to_vector<std::int8_t>() == std::vector<std::int8_t>{0, -1, 0, 1, -1});
  CHECK(twn.scale.item() == static_cast<float>(4.75 / 3));
  const kernels::TernaryWeights lsq = of(WeightMethod::lsq);  // a step of 2: above 1
  CHECK(lsq.ternary.to_vector<std::int8_t>() == std::vector<std::int8_t>{0, 0, 0, 1, -1});
  CHECK(lsq.scale.item() == 2);
  const kernels::TernaryWeights binary = of(WeightMethod::binary);
  CHECK(binary.ternary.to_vector<std::int8_t>() == std::vector<std::int8_t>{1, -1, 1, 1, -1});
  CHECK(binary.scale.item() == 1);
}

TEST_CASE("ternary_weights: gradients, worked examples") {
  const Device device = test::each_device();
  const Tensor w = Tensor::from<float>({1, 4}, {0.5F, -1.0F, -2.0F, 3.0F}).to(device);
  const Tensor dt = Tensor::from<float>({1, 4}, {2, -4, 6, 8}).to(device);
  const Tensor scale = Tensor::full({1}, 2).to(device);  // G = 1, -2, 3, 4
  const auto of = [&](WeightMethod method) {
    return kernels::ternary_weights_backward(method, dt, w, scale,
                                             method == WeightMethod::lsq ? scale : Tensor());
  };
  CHECK(of(WeightMethod::twn).dw.to_vector<float>() == std::vector<float>{1, -2, 3, 4});
  CHECK_FALSE(of(WeightMethod::twn).dlearned.defined());
  // |w| < 2 passes. T - w/s = -1/4 and 1/2 (1/2 goes to 0), then T = -1 and 1:
  // (-1/4 - 1 - 3 + 4) / sqrt(4)
  CHECK(of(WeightMethod::lsq).dw.to_vector<float>() == std::vector<float>{1, -2, 0, 0});
  CHECK(of(WeightMethod::lsq).dlearned.item() == -0.125F);
  // 2 G where |w| <= 1; the mean of sign(w) G = (1 + 2 - 3 + 4) / 4.
  CHECK(of(WeightMethod::binary).dw.to_vector<float>() == std::vector<float>{3, -5, -1, 1});
}

TEST_CASE("ternary_weights: all methods follow their formulas, for any number of weights and of threads") {
  const Device device = test::each_device();
  for (const Shape& shape : {Shape{1, 1}, Shape{3, 33}, Shape{5, 3, 3, 7}, Shape{2, 255}, Shape{2, 256},
                             Shape{9, 257}, Shape{70, 3, 3, 65}}) {
    const Tensor w = test::random_tensor(shape, 1, -1.5F, 1.5F), dt = test::random_tensor(shape, 2);
    for (const WeightMethod method : kMethods) {
      INFO(to_string(shape) << ", method " << static_cast<int>(method));
      const reference::TernaryWeights expected = reference::ternary_weights(method, w, dt);
      for (const int threads : {1, 3}) {
        if (device.type != DeviceType::cpu && threads > 1) break;
        const test::ThreadCount scope(threads);
        const Results results = run(method, w, dt, device);
        CHECK(test::difference(results.weights.ternary, expected.ternary, 0.0) == "");
        // One rounding of a scale of at most 2.
        CHECK(test::difference(results.weights.scale, expected.scale, 2 * test::kUnit) == "");
        // G = dt / scale: |dt| <= 1, and each scale, but for Shape{1, 1}, is above 1/2. The roundings of the
        // scale, its inverse and the product leave 3 u G, then the formulas round at most three times.
        double largest = 0;
        for (const double scale : expected.scale) largest = std::max(largest, std::max(1 / scale, 1.0));
        CHECK(test::difference(results.gradients.dw, expected.dw, 12 * test::kUnit * largest) == "");
        if (!learns_per_filter(method)) continue;
        // The sum over n weights by sqrt(n): sqrt(n) terms below 2 G, each of which is rounded up to eight
        // times.
        const double terms = std::sqrt(static_cast<double>(shape.numel() / shape[0]));
        CHECK(test::difference(results.gradients.dlearned, expected.dlearned,
                               20 * test::kUnit * largest * terms) == "");
      }
    }
  }
}

TEST_CASE("ternary_weights: LSQ keeps a step that is above 0, and sets another from the weights") {
  const Device device = test::each_device();
  const Tensor w = Tensor::from<float>({3, 2}, {1, -0.25F, 1, -0.25F, 1, -0.25F}).to(device);
  const Tensor step = Tensor::from<float>({3}, {0.25F, 0, -1}).to(device);
  const kernels::TernaryWeights weights = kernels::ternary_weights(WeightMethod::lsq, w, step);
  CHECK(step.to_vector<float>() == std::vector<float>{0.25F, 1.25F, 1.25F});
  CHECK(test::bit_difference(weights.scale, step.to(Device{})) == "");
  CHECK(weights.ternary.to_vector<std::int8_t>() == std::vector<std::int8_t>{1, -1, 1, 0, 1, 0});
}

TEST_CASE("ternary_weights: a filter of zeros has scale 0 and no gradient") {
  const Device device = test::each_device();
  const Tensor w = Tensor::zeros({1, 3}), dt = Tensor::from<float>({1, 3}, {1, 2, 3});
  for (const WeightMethod method : kMethods) {
    const Results results = run(method, w, dt, device);
    CHECK(results.weights.scale.item() == 0);
    CHECK(test::difference(results.gradients.dw, {0, 0, 0}, 0.0) == "");
    if (learns_per_filter(method)) CHECK(results.gradients.dlearned.item() == 0);
  }
}

TEST_CASE("ternary_weights: a NaN makes the scale of its filter NaN, and of no other") {
  const Device device = test::each_device();
  Tensor w = test::random_tensor({3, 300}, 1);
  w.data<float>()[599] = std::numeric_limits<float>::quiet_NaN();
  for (const WeightMethod method : kMethods) {
    const std::vector<float> scales =
        kernels::ternary_weights(method, w.to(device), first_learned(method, 3, device))
            .scale.to_vector<float>();
    CHECK(std::isfinite(scales[0]));
    CHECK(std::isnan(scales[1]));
    CHECK(std::isfinite(scales[2]));
  }
}

TEST_CASE("ternary_weights: no filters at all") {
  const Device device = test::each_device();
  const Tensor none = Tensor::zeros({0, 3});
  for (const WeightMethod method : kMethods) {
    CHECK(run(method, none, none, device).gradients.dw.shape() == Shape{0, 3});
  }
}

TEST_CASE("ternary_weights: arguments that do not fit together are named") {
  const Tensor w = Tensor::zeros({4, 9}), scale = Tensor::zeros({4});
  CHECK_THROWS_WITH(kernels::ternary_weights(WeightMethod::twn, Tensor::zeros({4})),
                    "ternary_weights: w is (4,), expected (O, KH, KW, I) or (O, I)");
  CHECK_THROWS_WITH(kernels::ternary_weights(WeightMethod::lsq, w), Catch::Contains("is undefined"));
  CHECK_THROWS_WITH(kernels::ternary_weights_backward(WeightMethod::twn, Tensor::zeros({4, 8}), w, scale),
                    "ternary_weights_backward: w is f32 (4, 9) but dt is f32 (4, 8)");
  CHECK_THROWS_WITH(kernels::ternary_weights_backward(WeightMethod::twn, w, w, Tensor::zeros({3})),
                    "ternary_weights_backward: scale is (3,), expected one value for each of 4 channels");
}
