#include "tern/layers/functions/batch_norm.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/channel_sums.h"
#include "tern/kernels/pack_ternary.h"
#include "tern/kernels/scale_channels.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/ternary_activation.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;

namespace {

constexpr std::int64_t kCount = 3;  // channels

Tensor per_channel(const std::vector<float>& values, Device device) {
  return Tensor::from<float>({kCount}, values).to(device);
}

BatchNormArguments arguments(bool training, Device device = {}) {
  BatchNormArguments a;
  a.gamma = Variable(per_channel({0.8F, -1.1F, 0.4F}, device), true);
  a.beta = Variable(per_channel({0.3F, 0.0F, -0.6F}, device), true);
  a.running.mean = per_channel({0.1F, -0.2F, 0.3F}, device);
  a.running.variance = per_channel({0.5F, 1.5F, 0.9F}, device);
  a.training = training;
  a.layer = "layer1.0.bn1";
  return a;
}

// The same arguments with gamma and beta taken from a list of inputs.
BatchNormArguments with(BatchNormArguments a, const Variable& gamma, const Variable& beta) {
  a.gamma = gamma;
  a.beta = beta;
  return a;
}

Variable input(const Tensor& values, Device device) {
  return Variable(values.to(device), true);
}

// Integers that stand for x * kFixedPoint, so that differences can be taken of functions of integers.
constexpr float kFixedPoint = 4096;
Variable fixed_point(const Variable& x) {
  const Device device = x.value().device();
  const std::vector<float> values = x.value().to_vector<float>();
  Tensor z = Tensor::empty(x.shape(), DType::i16);
  for (std::size_t i = 0; i < values.size(); ++i) {
    z.data<std::int16_t>()[i] = static_cast<std::int16_t>(std::lround(values[i] * kFixedPoint));
  }
  const Tensor factor = Tensor::full({z.dim(-1)}, kFixedPoint).to(device);
  return Tape::record("fixed_point", z.to(device), {x}, {}, [factor](const Tensor& dz, const Saved&) {
    return std::vector<Tensor>{kernels::scale_channels(dz, factor, Tensor())};
  });
}

}  // namespace

TEST_CASE("batch_norm: gradients of x, gamma and beta are the derivatives, in training and evaluation") {
  const Device device = test::each_device();
  for (const bool training : {true, false}) {
    INFO("training " << training);
    const BatchNormArguments a = arguments(training, device);
    const auto f = [&](const std::vector<Variable>& v) { return batch_norm(v[0], with(a, v[1], v[2])); };
    CHECK(test::gradcheck(f, {input(test::random_tensor({2, 3, 2, kCount}, 1), device), a.gamma, a.beta}) ==
          "");
  }
}

TEST_CASE("batch_norm: evaluation gives what training learnt") {
  const Device device = test::each_device();
  BatchNormArguments a = arguments(true, device);
  a.running.momentum = 1.0F;  // the running statistics become those of the batch, but for R / (R - 1)
  a.running.eps = 0.0F;
  const Variable x = input(test::random_tensor({50, 20, kCount}, 2), device);
  const Tensor trained = batch_norm(x, a).value();
  a.training = false;
  const double unbias = std::sqrt(999.0 / 1000.0);
  std::vector<double> expected = test::as_doubles(trained);
  const std::vector<double> beta = test::as_doubles(a.beta.value());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] = (expected[i] - beta[i % kCount]) * unbias + beta[i % kCount];
  }
  // Values below 3 with half a dozen roundings on either side.
  CHECK(test::difference(batch_norm(x, a).value(), expected, 36 * test::kUnit) == "");
}

TEST_CASE("batch_norm: an input bias acts as one added to the input") {
  const Device device = test::each_device();
  BatchNormArguments folded = arguments(true, device), plain = arguments(true, device);
  const Tensor bias = Tensor::from<float>({kCount}, {0.5F, -2.0F, 1.0F});
  folded.input_bias = bias.to(device);
  Tensor sum = test::random_tensor({40, kCount}, 3);
  const Variable x = input(sum.clone(), device);
  for (std::int64_t i = 0; i < sum.numel(); ++i) sum.data<float>()[i] += bias.data<float>()[i % kCount];
  const Variable biased(sum.to(device));
  // In training the bias cancels: not a bit of the output depends on it.
  CHECK(test::bit_difference(batch_norm(x, folded).value(), batch_norm(x, arguments(true, device)).value()) ==
        "");
  batch_norm(biased, plain);
  // The roundings of x + bias (below 4) are all that tells the two apart.
  CHECK(test::difference(folded.running.mean, test::as_doubles(plain.running.mean), 4 * test::kUnit) == "");
  folded.training = plain.training = false;
  CHECK(test::difference(batch_norm(x, folded).value(), test::as_doubles(batch_norm(biased, plain).value()),
                         32 * test::kUnit) == "");
}

TEST_CASE("batch_norm: a deviation far below the mean is normalised as well as f32 holds the mean") {
  const Device device = test::each_device();
  BatchNormArguments a = arguments(true, device);
  a.running.eps = 1e-12F;
  Tensor values = test::random_tensor({4096, kCount}, 4, -0.0173F, 0.0173F);  // deviation 1e-2
  for (std::int64_t i = 0; i < values.numel(); ++i) values.data<float>()[i] += 1000;
  const Tensor y = batch_norm(Variable(values.to(device)), a).value().to(Device{});
  std::vector<double> mean(kCount, 0.0), square(kCount, 0.0);
  for (std::int64_t i = 0; i < y.numel(); ++i) {
    const auto c = static_cast<std::size_t>(i % kCount);
    mean[c] += y.data<float>()[i] / 4096.0;
    square[c] += double{y.data<float>()[i]} * y.data<float>()[i] / 4096.0;
  }
  const std::vector<double> gamma = test::as_doubles(a.gamma.value()),
                            beta = test::as_doubles(a.beta.value());
  for (std::size_t c = 0; c < kCount; ++c) {
    // The mean as f32 is off by up to half a spacing of 6.1e-5, which is 3.1e-3 deviations.
    CHECK(std::abs(mean[c] - beta[c]) < 3.2e-3 * std::abs(gamma[c]));
    CHECK(std::abs(std::sqrt(square[c] - mean[c] * mean[c]) / std::abs(gamma[c]) - 1) < 1e-5);
  }
}

TEST_CASE("batch_norm: NaN or infinity in the batch names the layer and leaves the running statistics") {
  const Device device = test::each_device();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const bool training : {true, false}) {
      const BatchNormArguments a = arguments(training, device);
      Tensor values = test::random_tensor({30, kCount}, 5);
      values.data<float>()[50] = bad;
      const Variable x = input(values, device);
      CHECK_THROWS_AS(batch_norm(x, a), NumericError);
      CHECK_THROWS_WITH(batch_norm(x, a), Catch::Contains("layer1.0.bn1: "));
      CHECK_THROWS_WITH(batch_norm_ternary(x, a), Catch::Contains("layer1.0.bn1: "));
      CHECK(test::bit_difference(a.running.mean, arguments(training).running.mean) == "");
      CHECK(test::bit_difference(a.running.variance, arguments(training).running.variance) == "");
    }
  }
}

TEST_CASE("batch_norm: training on one row is refused, evaluation is not") {
  const Variable x = input(test::random_tensor({1, kCount}, 6), Device{});
  CHECK_THROWS_WITH(batch_norm(x, arguments(true)), Catch::Contains("layer1.0.bn1: "));
  CHECK_NOTHROW(batch_norm(x, arguments(false)));
}

TEST_CASE("batch_norm_ternary: equals the composition, with its gradients") {
  const Device device = test::each_device();
  for (const bool training : {true, false}) {
    BatchNormArguments fused = arguments(training, device), plain = arguments(training, device);
    const Variable x1 = input(test::random_tensor({4, 5, 6, kCount}, 7, -2.0F, 2.0F), device);
    const Variable x2(x1.value().clone(), true);
    const TernaryVariable both = batch_norm_ternary(x1, fused);
    const Variable &y1 = both.values, y2 = ternary_activation(batch_norm(x2, plain));
    CHECK(test::bit_difference(kernels::unpack_ternary(both.packed), y1.value()) == "");
    CHECK(test::bit_difference(y1.value(), y2.value()) == "");
    CHECK(test::bit_difference(fused.running.mean, plain.running.mean) == "");
    CHECK(test::bit_difference(fused.running.variance, plain.running.variance) == "");
    const Tensor dy = test::random_tensor(y1.shape(), 8).to(device);
    y1.backward(dy.clone());
    y2.backward(dy.clone());
    CHECK(test::bit_difference(x1.grad(), x2.grad()) == "");
    CHECK(test::bit_difference(fused.gamma.grad(), plain.gamma.grad()) == "");
    CHECK(test::bit_difference(fused.beta.grad(), plain.beta.grad()) == "");
  }
}

TEST_CASE("batch_norm_ternary: nothing is packed where nothing is recorded") {
  const NoGrad no_grad;
  CHECK_FALSE(
      batch_norm_ternary(input(Tensor::zeros({4, kCount}), Device{}), arguments(false)).packed.defined());
}

TEST_CASE("scale_batch_norm_add_prelu: all gradients are the derivatives, those of shifts too") {
  const Device device = test::each_device();
  Tensor scale = Tensor::from<float>({kCount}, {0.7F, 1.3F, 0.4F});
  for (std::int64_t c = 0; c < kCount; ++c) scale.data<float>()[c] /= kFixedPoint;
  scale = scale.to(device);
  const Variable slope(per_channel({0.25F, -0.3F, 0.0F}, device), true);
  // Shortcuts of +-5 keep u away from the kink at 0: eleven more rows bound |x_hat| by sqrt(11).
  Tensor residual = test::random_tensor({2, 3, 2, kCount}, 9);
  for (std::int64_t i = 0; i < residual.numel(); ++i) {
    float& value = residual.data<float>()[i];
    value += value < 0 ? -5.0F : 5.0F;
  }
  const Variable shortcut = input(residual, device);
  for (const bool training : {true, false}) {
    INFO("training " << training);
    const BatchNormArguments a = arguments(training, device);
    const auto f = [&](const std::vector<Variable>& v) {
      return scale_batch_norm_add_prelu(fixed_point(v[0]), scale, with(a, v[1], v[2]), v[3], v[4]);
    };
    Tensor values = test::random_tensor({2, 3, 2, kCount}, 10);
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      float& value = values.data<float>()[i];
      value = std::round(value * kFixedPoint) / kFixedPoint;
    }
    const Variable x = input(values, device);
    // The steps end at integers, too.
    const test::GradcheckOptions options{32 / double{kFixedPoint}};
    CHECK(test::gradcheck(f, {x, a.gamma, a.beta, shortcut, slope}, options) == "");
    const Variable shift(per_channel({0.25F, -0.5F, 0.125F}, device), true);
    const Variable bias(per_channel({-1, 0.5F, 2}, device), true);
    const auto shifted = [&](const std::vector<Variable>& v) {
      return scale_batch_norm_add_rprelu(fixed_point(v[0]), scale, with(a, v[1], v[2]), v[3], v[4], v[5],
                                         v[6]);
    };
    CHECK(test::gradcheck(shifted, {x, a.gamma, a.beta, shortcut, slope, shift, bias}, options) == "");
  }
}

TEST_CASE("scale_batch_norm_add_prelu: sums beside the integers take the place of a pass over them") {
  const Variable z(test::random_integers({20, kCount}, 11, 9)),
      shortcut(test::random_tensor({20, kCount}, 12));
  const Variable slope(Tensor::full({kCount}, 0.25F));
  const auto tail = [&](const IntegerVariable& integers) {
    return scale_batch_norm_add_prelu(integers, Tensor::full({kCount}, 0.5F), arguments(true), shortcut,
                                      slope)
        .value();
  };
  Tensor sums = kernels::channel_sums(z.value());
  CHECK(test::bit_difference(tail({z, sums}), tail(z)) == "");
  sums.data<std::int64_t>()[0] += 20;  // mean + 1
  CHECK(test::bit_difference(tail({z, sums}), tail(z)) != "");
}

TEST_CASE("scale_batch_norm_add_prelu: in training it leaves its statistics for the batch norm behind it") {
  const Device device = test::each_device();
  const Variable z(test::random_integers({20, kCount}, 11, 9).to(device)),
      shortcut(test::random_tensor({20, kCount}, 12).to(device));
  const Variable slope(Tensor::full({kCount}, 0.25F).to(device));
  const auto tail = [&](bool training) {
    return scale_batch_norm_add_prelu(z, Tensor::full({kCount}, 0.5F).to(device), arguments(training, device),
                                      shortcut, slope);
  };
  CHECK_FALSE(Tape::statistics(tail(false)).mean.defined());
  Variable y = tail(true);
  const Variable plain(y.value());
  CHECK_FALSE(Tape::statistics(plain).mean.defined());
  CHECK(test::bit_difference(batch_norm(y, arguments(true, device)).value(),
                             batch_norm(plain, arguments(true, device)).value()) == "");
  // They are what the batch norm takes, until the value may have changed.
  Tape::keep_statistics(y, {Tensor::zeros({kCount}).to(device), Tensor::full({kCount}, 1).to(device)});
  CHECK(test::bit_difference(batch_norm(y, arguments(true, device)).value(),
                             batch_norm(plain, arguments(true, device)).value()) != "");
  y.mutable_value();
  CHECK(test::bit_difference(batch_norm(y, arguments(true, device)).value(),
                             batch_norm(plain, arguments(true, device)).value()) == "");
}

TEST_CASE("scale_batch_norm_add_prelu: a gradient that the caller holds stays as it was") {
  const Device device = test::each_device();
  const Variable z = input(test::random_integers({20, kCount}, 11, 9), device);
  const Variable shortcut = input(test::random_tensor({20, kCount}, 12), device);
  const Variable slope(Tensor::full({kCount}, 0.25F).to(device), true);
  const Variable y = scale_batch_norm_add_prelu(z, Tensor::full({kCount}, 0.5F).to(device),
                                                arguments(true, device), shortcut, slope);
  const Tensor dy = test::random_tensor(y.shape(), 13).to(device), before = dy.clone();
  y.backward(dy);
  CHECK(test::bit_difference(dy, before) == "");
}
