#include "tern/layers/functions/softmax_cross_entropy.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/finite_check.h"
#include "tests/reference/cross_entropy.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

Tensor labels(const std::vector<std::int64_t>& values) {
  return Tensor::from<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

float loss_of(Device device, const Tensor& logits, const Tensor& classes, float label_smoothing = 0) {
  return softmax_cross_entropy(Variable(logits.to(device)), classes.to(device), label_smoothing)
      .value()
      .item();
}

}  // namespace

TEST_CASE("softmax_cross_entropy: a worked example") {
  const Device device = test::each_device();
  // softmax(0, log 3) = (1/4, 3/4)
  const Tensor logits = Tensor::from<float>({2, 2}, {0, std::log(3.0F), 0, std::log(3.0F)});
  CHECK(loss_of(device, logits, labels({0, 1})) == Approx((std::log(4.0) + std::log(4.0 / 3)) / 2));
  // Smoothing 0.2 makes the targets (0.9, 0.1) and (0.1, 0.9).
  CHECK(loss_of(device, logits, labels({0, 0}), 0.2F) ==
        Approx(0.9 * std::log(4.0) + 0.1 * std::log(4.0 / 3)));
}

TEST_CASE("softmax_cross_entropy: class weights as in PyTorch's CrossEntropyLoss, smoothed or not") {
  const Device device = test::each_device();
  // softmax(0, log 3) = (1/4, 3/4), whose losses are these; the weighted mean is divided by the labels'
  // weights.
  const Tensor logits = Tensor::from<float>({2, 2}, {0, std::log(3.0F), 0, std::log(3.0F)});
  const double first = std::log(4.0), second = std::log(4.0 / 3);
  const auto weighted = [&](const std::vector<std::int64_t>& classes, float smoothing) {
    return softmax_cross_entropy(Variable(logits.to(device)), labels(classes).to(device), smoothing,
                                 Tensor::from<float>({2}, {2, 0.5F}).to(device))
        .value()
        .item();
  };
  CHECK(weighted({0, 1}, 0) == Approx((2 * first + 0.5 * second) / 2.5));
  CHECK(weighted({0, 0}, 0) == Approx(first));
  // Smoothing spreads its share over the classes by their weights, and is divided by those of the labels,
  // too: (1 - s) * nll + s / K * sum_n sum_k w_k * -log p_nk / sum_n w_label (ATen,
  // cross_entropy_loss_label_smoothing).
  CHECK(weighted({0, 0}, 0.2F) == Approx(0.8 * first + 0.1 * 2 * (2 * first + 0.5 * second) / 4));
  CHECK(weighted({1, 1}, 0.2F) == Approx(0.8 * second + 0.1 * 2 * (2 * first + 0.5 * second) / 1));
}

TEST_CASE("softmax_cross_entropy: class weights of 1 change no bit of the loss, nor much of the gradient") {
  const Device device = test::each_device();
  const Tensor x = test::random_tensor({5, 40}, 1).to(device), classes = labels({0, 7, 39, 3, 3}).to(device);
  const auto run = [&](const Tensor& weights) {
    const Variable logits(x, true);
    const Variable loss = softmax_cross_entropy(logits, classes, 0.1F, weights);
    loss.backward();
    return std::pair(loss.value().item(), logits.grad().to(Device{}).to_vector<float>());
  };
  const auto [loss, gradient] = run({});
  const auto [weighted_loss, weighted_gradient] = run(Tensor::full({40}, 1).to(device));
  CHECK(loss == weighted_loss);
  for (std::size_t i = 0; i < gradient.size(); ++i)
    CHECK(gradient[i] == Approx(weighted_gradient[i]).margin(1e-7));
}

TEST_CASE("softmax_cross_entropy: agrees with the definition") {
  const Device device = test::each_device();
  for (const std::int64_t k : {7, 70}) {  // less and more than the lanes of a warp
    for (const float smoothing : {0.0F, 0.1F, 1.0F}) {
      const Tensor logits = test::random_tensor({40, k}, 1, -5, 5);
      Tensor classes = Tensor::empty({40}, DType::i64);
      Tensor targets = Tensor::full({40, k}, smoothing / static_cast<float>(k));
      for (std::int64_t n = 0; n < 40; ++n) {
        classes.data<std::int64_t>()[n] = n * 3 % k;
        targets.data<float>()[n * k + n * 3 % k] += 1 - smoothing;
      }
      // An exponential is off by up to 2 units of 2^-23 on a GPU, and so is the logarithm of their sum,
      // absolutely.
      CHECK(loss_of(device, logits, classes, smoothing) ==
            Approx(reference::cross_entropy(logits, targets)).epsilon(1e-6));
    }
  }
}

TEST_CASE("softmax_cross_entropy: gradient with and without label smoothing") {
  const Device device = test::each_device();
  const Variable logits(test::random_tensor({3, 5}, 1).to(device), true);
  const Tensor classes = labels({4, 0, 2}).to(device);
  for (const float smoothing : {0.0F, 0.1F}) {
    const auto f = [&](const std::vector<Variable>& v) {
      return softmax_cross_entropy(v[0], classes, smoothing);
    };
    CHECK(test::gradcheck(f, {logits}) == "");
    const Tensor weights = Tensor::from<float>({5}, {0.5F, 1, 3, 0.1F, 2}).to(device);
    const auto weighted = [&](const std::vector<Variable>& v) {
      return softmax_cross_entropy(v[0], classes, smoothing, weights);
    };
    CHECK(test::gradcheck(weighted, {logits}) == "");
  }
}

TEST_CASE("softmax_cross_entropy: huge logits neither overflow nor lose the loss") {
  const Device device = test::each_device();
  CHECK(loss_of(device, Tensor::from<float>({1, 3}, {1e4F, 0, -1e4F}), labels({0})) == 0);
  CHECK(loss_of(device, Tensor::from<float>({1, 3}, {1e4F, 0, -1e4F}), labels({1})) == 1e4F);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(loss_of(device, Tensor::from<float>({1, 3}, {0, 0, -infinity}), labels({0})) ==
        Approx(std::log(2.0)));
}

TEST_CASE("softmax_cross_entropy: one NaN logit makes the loss NaN, wherever it is") {
  const Device device = test::each_device();
  for (int position = 0; position < 6; ++position) {
    Tensor logits = Tensor::zeros({2, 3});
    logits.data<float>()[position] = std::nanf("");
    CHECK(std::isnan(loss_of(device, logits, labels({0, 2}))));
    CHECK(std::isnan(loss_of(device, logits, labels({0, 2}), 0.1F)));
  }
}

TEST_CASE(
    "softmax_cross_entropy: on a GPU, too, a label that is no class is an error, which can be deferred") {
  Device gpu;
  if (!test::each_gpu(gpu)) return;
  const char* const message = "softmax_cross_entropy: a label is not in [0, 3), the classes of the logits";
  for (const auto& bad : {labels({0, 1'000'000'000}), labels({-1, 0}), labels({3, 0})}) {
    CHECK_THROWS_AS(loss_of(gpu, Tensor::zeros({2, 3}), bad), DataError);
    kernels::DeferredFiniteCheck deferred;
    CHECK(std::isnan(loss_of(gpu, Tensor::zeros({2, 3}), bad, 0.1F)));
    CHECK_THROWS_WITH(deferred.check(), message);
  }
}

TEST_CASE("softmax_cross_entropy: bad labels and shapes are refused") {
  const Variable logits(Tensor::zeros({2, 3}));
  CHECK_THROWS_WITH(softmax_cross_entropy(logits, labels({0, 7})), Catch::Contains("label 7 of sample 1"));
  CHECK_THROWS_AS(softmax_cross_entropy(logits, labels({-1, 0})), DataError);
  CHECK_THROWS_AS(softmax_cross_entropy(logits, labels({0, 1, 2})), ShapeError);
  CHECK_THROWS_AS(softmax_cross_entropy(logits, Tensor::zeros({2})), ShapeError);
  CHECK_THROWS_AS(softmax_cross_entropy(logits, Tensor()), ShapeError);
  CHECK_THROWS_AS(softmax_cross_entropy(logits, labels({0, 1}), 1.5F), ShapeError);
  CHECK_THROWS_WITH(softmax_cross_entropy(logits, labels({0, 1}), 0, Tensor::zeros({2})),
                    Catch::Contains("class_weights is (2,)"));
  CHECK_THROWS_AS(softmax_cross_entropy(logits, labels({0, 1}), std::nanf("")), ShapeError);
  CHECK_THROWS_AS(softmax_cross_entropy(Variable(Tensor::zeros({0, 3})), labels({})), ShapeError);
}
