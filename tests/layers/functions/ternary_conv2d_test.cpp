#include "tern/layers/functions/ternary_conv2d.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "tern/core/safetensors.h"
#include "tern/kernels/pack_ternary.h"
#include "tern/kernels/scale_channels.h"
#include "tern/kernels/sum_rows.h"
#include "tern/layers/ternary/sttn.h"
#include "tests/reference/conv2d.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/fixtures.h"
#include "tests/support/gradcheck.h"
#include "tests/support/nchw.h"

using namespace tern;

namespace {

// Distance allowed between two f32 sums of `terms` products, each with its own order of summation: rounding
// errors add up like a random walk, of which this is about four standard deviations (the bound that holds
// for any signs, terms * u, would hide errors of a whole weight in the large layers).
double rounding(std::int64_t terms) {
  return (8 + 4 * std::sqrt(static_cast<double>(terms))) * test::kUnit;
}

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& value : values) value *= factor;
  return values;
}

// One golden file in our layouts, and what our functions make of it.
struct ConvPair {
  ConvPair(const std::filesystem::path& path, Device device)
      : file(SafetensorsFile::open(path)),
        parameters{std::stoi(file.metadata().at("stride")), std::stoi(file.metadata().at("padding"))},
        x(test::converted<std::int8_t>(image("x")).to(device), true),
        w1(image("w1").to(device), true),
        w2(image("w2").to(device), true),
        weights(binary_branch_weights(w1, w2, WeightGradientRule::official)),
        scale(weights.scale.value().to_vector<float>()),
        z(ternary_conv2d(x, weights.ternary, parameters)),
        n(w1.value().numel() / w1.value().dim(0)) {}

  Tensor image(const std::string& name) const { return test::channels_last(file.read(name)); }
  // 2 * alpha of the channel (the last dimension) of an element of y.
  float scale_of(std::int64_t i) const { return scale[static_cast<std::size_t>(i) % scale.size()]; }
  // dL/dz = 2 * alpha * dy
  Tensor dz() const {
    Tensor result = image("dy");
    for (std::int64_t i = 0; i < result.numel(); ++i) result.data<float>()[i] *= scale_of(i);
    return result;
  }

  SafetensorsFile file;
  Conv2dParameters parameters;
  Variable x, w1, w2;
  TernaryVariables weights;
  std::vector<float> scale;
  Variable z;
  std::int64_t n;  // weights per filter
};

void check_weights(const ConvPair& pair) {
  CHECK(test::bit_difference(pair.w1.value(), pair.image("clamped1")) == "");
  CHECK(test::bit_difference(pair.w2.value(), pair.image("clamped2")) == "");
  const Tensor alpha = pair.file.read("alpha").reshape(pair.weights.scale.shape());
  std::vector<double> twice = scaled(test::as_doubles(alpha), 2);
  CHECK(test::difference(pair.weights.scale.value(), twice, scaled(twice, rounding(pair.n))) == "");
  const Tensor binary1 = pair.image("binary1"), binary2 = pair.image("binary2");  // alpha * sign
  std::vector<double> ternary;
  for (std::int64_t i = 0; i < binary1.numel(); ++i) {
    ternary.push_back(((binary1.data<float>()[i] > 0 ? 1 : -1) + (binary2.data<float>()[i] > 0 ? 1 : -1)) /
                      2);
  }
  CHECK(test::difference(pair.weights.ternary.value(), ternary, 0.0) == "");
}

void check_y(const ConvPair& pair) {
  const std::vector<float> bias1 = pair.file.read("bias1").to_vector<float>();
  const std::vector<float> bias2 = pair.file.read("bias2").to_vector<float>();
  const Tensor ones = Tensor::full(pair.w1.shape(), 1.0F);
  std::vector<double> tolerance =
      reference::conv2d<double>(test::absolute(pair.image("x")), ones, pair.parameters);
  Tensor y = test::converted<float>(pair.z.value());
  for (std::int64_t i = 0; i < y.numel(); ++i) {
    const auto at = static_cast<std::size_t>(i), o = at % bias1.size();
    y.data<float>()[i] = y.data<float>()[i] * pair.scale_of(i) + bias1[o] + bias2[o];
    // Two branches with |x| * alpha each.
    tolerance[at] =
        rounding(pair.n) * (pair.scale_of(i) * tolerance[at] + std::abs(bias1[o]) + std::abs(bias2[o]));
  }
  CHECK(test::difference(y, test::as_doubles(pair.image("y")), tolerance) == "");
}

void check_gradients(const ConvPair& pair) {
  const Tensor dz = pair.dz(), abs_dz = test::absolute(dz), abs_dy = test::absolute(pair.image("dy"));
  pair.z.backward(dz.to(pair.z.value().device()));
  const Tensor ones = Tensor::full(pair.w1.shape(), 1.0F);
  const std::int64_t filter_terms = pair.w1.value().numel() / pair.w1.value().dim(3);
  CHECK(
      test::difference(pair.x.grad(), test::as_doubles(pair.image("dx")),
                       scaled(reference::conv2d_backward_data(abs_dz, ones, pair.x.shape(), pair.parameters),
                              rounding(filter_terms))) == "");
  const std::int64_t pixels = dz.numel() / dz.dim(3);
  const Tensor g =
      kernels::conv2d_backward_weights(pair.image("dy"), pair.image("x"), pair.w1.shape(), pair.parameters);
  const std::vector<double> tolerance =
      scaled(reference::conv2d_backward_weights(abs_dy, test::absolute(pair.image("x")), pair.w1.shape(),
                                                pair.parameters),
             rounding(pixels));
  CHECK(test::difference(g, test::as_doubles(pair.image("grad_binary")), tolerance) == "");
  // g_b = G + s_b * mean(s_b G): the error of G twice over, the mean's at most that of the filter's worst.
  const double worst = *std::max_element(tolerance.begin(), tolerance.end());
  CHECK(test::difference(pair.w1.grad(), test::as_doubles(pair.image("grad_w1")), 2 * worst) == "");
  CHECK(test::difference(pair.w2.grad(), test::as_doubles(pair.image("grad_w2")), 2 * worst) == "");
}

}  // namespace

TEST_CASE("ternary_conv2d: every golden pair of binary branches of the official code") {
  const Device device = test::each_device();
  for (const auto& path : test::fixture_files("conv_pair_*.safetensors")) {
    INFO(path.string());
    const ConvPair pair(path, device);
    check_weights(pair);
    check_y(pair);
    check_gradients(pair);
  }
}

TEST_CASE("ternary_conv2d: gradients of x and t are the derivatives") {
  Variable x(test::random_ternary({2, 5, 4, 3}, 1), true), t(test::random_ternary({4, 3, 3, 3}, 2), true);
  const auto f = [&] { return ternary_conv2d(x, t, {2, 1}); };
  const Variable z = f();
  const Tensor weights = test::random_tensor(z.shape(), 3);
  z.backward(weights.clone());
  const auto loss = [&] {
    const std::vector<double> a = test::as_doubles(f().value()), b = test::as_doubles(weights);
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  };
  const NoGrad no_grad;
  for (Variable input : {x, t}) {
    std::vector<double> derivative;
    std::int8_t* values = input.mutable_value().data<std::int8_t>();
    for (std::int64_t i = 0; i < input.value().numel(); ++i) {
      const std::int8_t before = values[i];
      // Linear in every element: half the difference between its being +1 and -1 is the derivative.
      values[i] = 1;
      const double above = loss();
      values[i] = -1;
      derivative.push_back((above - loss()) / 2);
      values[i] = before;
    }
    // Sums of at most 36 terms below one.
    CHECK(test::difference(input.grad(), derivative, 36 * 36 * test::kUnit) == "");
  }
}

TEST_CASE("ternary_conv2d: activations that come packed give the gradient of those that do not") {
  const Device device = test::each_device();
  const Tensor x = test::random_ternary({1, 3, 3, 70}, 5).to(device);
  const Tensor t = test::random_ternary({2, 3, 3, 70}, 6).to(device);
  const Variable plain(t, true), packed(t, true);
  const Variable y = ternary_conv2d(Variable(x), plain, {1, 1});
  y.backward(test::random_tensor(y.shape(), 7).to(device));
  ternary_conv2d({Variable(x), kernels::pack_ternary(x)}, packed, {1, 1})
      .backward(test::random_tensor(y.shape(), 7).to(device));
  CHECK(test::bit_difference(packed.grad(), plain.grad()) == "");
}

TEST_CASE(
    "scaled_ternary_conv2d: gradients are those of the integers, the scale folded in; the bias's is a sum") {
  const Device device = test::each_device();
  const auto input = [&](const Shape& shape, std::uint32_t seed) {
    return Variable(test::random_ternary(shape, seed).to(device), true);
  };
  const Variable x = input({2, 5, 4, 3}, 1), t = input({4, 3, 3, 3}, 2);
  const Variable same_x = input({2, 5, 4, 3}, 1), same_t = input({4, 3, 3, 3}, 2);
  const Variable bias(test::random_tensor({4}, 3).to(device), true);
  const Tensor scale = test::random_tensor({4}, 4).to(device);
  const Variable y = scaled_ternary_conv2d(x, t, Variable(scale), bias, {2, 1});
  const Tensor dy = test::random_tensor(y.shape(), 5).to(device);
  ternary_conv2d(same_x, same_t, {2, 1}).backward(kernels::scale_channels(dy, scale, Tensor()));
  y.backward(dy.clone());
  CHECK(test::bit_difference(x.grad(), same_x.grad()) == "");
  CHECK(test::bit_difference(t.grad(), same_t.grad()) == "");
  CHECK(test::bit_difference(bias.grad(), kernels::sum_rows(dy)) == "");
}

TEST_CASE("ternary_conv2d: an input that wants no gradient gets none") {
  const Device device = test::each_device();
  const Variable x(test::random_ternary({1, 3, 3, 2}, 3).to(device));
  const Variable t(test::random_ternary({2, 3, 3, 2}, 4).to(device), true);
  const Variable z = ternary_conv2d(x, t, {1, 1});
  z.backward(Tensor::full(z.shape(), 1.0F).to(device));
  CHECK_FALSE(x.grad().defined());
  CHECK(t.grad().defined());
}

TEST_CASE("scaled_ternary_conv2d: a scale that requires a gradient gets the sum of dy * z, the same output") {
  const Device device = test::each_device();
  const Variable x(test::random_ternary({2, 5, 4, 3}, 1).to(device));
  const Variable t(test::random_ternary({4, 3, 3, 3}, 2).to(device), true), same_t(t.value(), true);
  const Tensor values = test::random_tensor({4}, 4).to(device);
  const Variable scale(values, true);
  const Variable y = scaled_ternary_conv2d(x, t, scale, Variable(), {1, 1});
  const Variable constant = scaled_ternary_conv2d(x, same_t, Variable(values), Variable(), {1, 1});
  CHECK(test::bit_difference(y.value(), constant.value()) == "");
  const Tensor dy = test::random_tensor(y.shape(), 5);
  y.backward(dy.to(device));
  constant.backward(dy.to(device));
  CHECK(test::bit_difference(t.grad(), same_t.grad()) == "");
  const std::vector<std::int16_t> z = ternary_conv2d(x, t, {1, 1}).value().to_vector<std::int16_t>();
  std::vector<double> dscale(4, 0.0), terms(4, 0.0);
  for (std::size_t i = 0; i < z.size(); ++i) {
    dscale[i % 4] += double{dy.data<float>()[i]} * z[i];
    terms[i % 4] += std::abs(double{dy.data<float>()[i]} * z[i]);
  }
  // f32 products and partial sums of at most 40 terms.
  for (double& term : terms) term *= 41 * test::kUnit;
  CHECK(test::difference(scale.grad(), dscale, terms) == "");
}
