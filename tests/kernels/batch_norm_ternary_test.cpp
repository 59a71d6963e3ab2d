#include "tern/kernels/batch_norm_ternary.h"

#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/pack_ternary.h"
#include "tern/kernels/ternary_activation.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;
using kernels::BatchNormGradients;
using kernels::BatchNormTerms;

TEST_CASE(
    "batch_norm_ternary: equals the batch norm and the activation to the bit, and so do its gradients") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 8, 16, 33, 64, 300}) {
    for (const std::int64_t rows : {1, 2, 7, 86, 257, 3000}) {
      if (device.type != DeviceType::cpu && rows * channels > 100000) continue;  // slow where emulated
      INFO(rows << " rows of " << channels << " channels");
      const test::ThreadCount threads(1 + static_cast<int>((rows + channels) % 3));
      const Tensor x = test::random_tensor({rows, channels}, 1, -2.0F, 2.0F).to(device);
      const Tensor dy = test::random_tensor({rows, channels}, 2).to(device);
      const BatchNormTerms terms = test::to(test::random_terms(channels, 3), device);
      const Tensor t = kernels::batch_norm(x, terms, "bn");
      const kernels::TernaryActivationResult activated = kernels::ternary_activation(t);
      const kernels::TernaryActivations plain = kernels::batch_norm_ternary(x, terms, "bn", false);
      CHECK(test::bit_difference(plain.values, activated.y) == "");
      CHECK_FALSE(plain.packed.defined());
      const kernels::TernaryActivations both = kernels::batch_norm_ternary(x, terms, "bn", true);
      CHECK(test::bit_difference(both.values, activated.y) == "");
      CHECK(test::bit_difference(both.packed.storage(),
                                 kernels::pack_ternary(activated.y.to(Device{})).storage()) == "");
      for (const bool batch_statistics : {true, false}) {
        const BatchNormGradients expected = kernels::batch_norm_backward(
            kernels::ternary_activation_backward(dy, activated.mask), x, terms, batch_statistics);
        const BatchNormGradients actual =
            kernels::batch_norm_ternary_backward(dy, x, terms, batch_statistics);
        CHECK(test::bit_difference(actual.dx, expected.dx) == "");
        CHECK(test::bit_difference(actual.dgamma, expected.dgamma) == "");
        CHECK(test::bit_difference(actual.dbeta, expected.dbeta) == "");
      }
    }
  }
}

TEST_CASE("batch_norm_ternary: thresholds and mask count what equals them, as the activation does") {
  const Device device = test::each_device();
  const BatchNormTerms identity = test::to(
      {Tensor::zeros({1}), Tensor::full({1}, 1.0F), Tensor::full({1}, 1.0F), Tensor::zeros({1})}, device);
  const Tensor x = Tensor::from<float>({6, 1}, {-1.0F, -0.5F, 0.5F, 1.0F, -1.25F, 1.25F}).to(device);
  CHECK(test::difference(kernels::batch_norm_ternary(x, identity, "bn", false).values, {-1, 0, 1, 1, -1, 1},
                         0.0) == "");
  const auto g =
      kernels::batch_norm_ternary_backward(Tensor::full({6, 1}, 2.0F).to(device), x, identity, false);
  CHECK(test::difference(g.dx, {2, 2, 2, 2, 0, 0}, 0.0) == "");
}

TEST_CASE("batch_norm_ternary: a NaN is an error that names the layer, not a zero") {
  const Device device = test::each_device();
  const BatchNormTerms terms = test::to(test::random_terms(3, 4), device);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Tensor x = test::random_tensor({500, 3}, 5);
    x.data<float>()[1499] = bad;
    x = x.to(device);
    CHECK_THROWS_AS(kernels::batch_norm_ternary(x, terms, "layer1.bn", true), NumericError);
    CHECK_THROWS_WITH(kernels::batch_norm_ternary(x, terms, "layer1.bn", true),
                      Catch::Contains("layer1.bn: "));
  }
}

TEST_CASE("batch_norm_ternary: given equal terms, every device decides alike") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 16, 33, 64, 100}) {
    const Tensor x = test::random_tensor({97, channels}, 7, -2.0F, 2.0F),
                 dy = test::random_tensor(x.shape(), 8);
    const BatchNormTerms terms = test::random_terms(channels, 9), there = test::to(terms, device);
    const kernels::TernaryActivations expected = kernels::batch_norm_ternary(x, terms, "bn", true);
    const kernels::TernaryActivations actual = kernels::batch_norm_ternary(x.to(device), there, "bn", true);
    CHECK(test::bit_difference(actual.values, expected.values) == "");
    CHECK(test::bit_difference(actual.packed.storage(), expected.packed.storage()) == "");
    // With constant statistics the gradient is made element by element: the mask decides it.
    CHECK(test::bit_difference(
              kernels::batch_norm_ternary_backward(dy.to(device), x.to(device), there, false).dx,
              kernels::batch_norm_ternary_backward(dy, x, terms, false).dx) == "");
  }
}

TEST_CASE("batch_norm_ternary: arguments that do not fit together are named") {
  const BatchNormTerms terms = test::random_terms(3, 6);
  CHECK_THROWS_WITH(kernels::batch_norm_ternary(Tensor::zeros({4, 5}), terms, "bn", false),
                    "batch_norm_ternary: mean is (3,), expected one value for each of 5 channels");
  CHECK_THROWS_WITH(
      kernels::batch_norm_ternary_backward(Tensor::zeros({5, 3}), Tensor::zeros({4, 3}), terms, true),
      "batch_norm_ternary_backward: dy is f32 (5, 3) but x is f32 (4, 3)");
  CHECK_THROWS_WITH(kernels::batch_norm_ternary(Tensor::zeros({4, 3}, DType::i16), terms, "bn", false),
                    "batch_norm_ternary: x is i16, expected f32 or bf16");
}
