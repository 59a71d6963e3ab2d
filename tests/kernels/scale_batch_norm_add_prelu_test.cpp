#include "tern/kernels/scale_batch_norm_add_prelu.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/cast.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_count.h"

using namespace tern;
using kernels::BatchNormTerms;
using kernels::TailGradients;
using test::kUnit;

namespace {

// Inputs of the tail of a block, and the same by plain parts: u = BN(scale * z) + shortcut, then PReLU.
struct Tail {
  Tensor z, scale, shortcut, slope, dy;
  BatchNormTerms terms;
  Tensor scaled;  // scale * z
  Tensor u;
  Device device;  // where it is computed; all tensors are on the CPU

  Tail(std::int64_t rows, std::int64_t channels, Device on = {})
      : z(test::random_integers({rows, channels}, 1, 5)),
        scale(test::random_tensor({channels}, 2, 0.2F, 1.5F)),
        shortcut(test::random_tensor({rows, channels}, 3)),
        slope(test::random_tensor({channels}, 4)),  // of both signs
        dy(test::random_tensor({rows, channels}, 5)),
        terms(test::random_terms(channels, 6)),
        scaled(test::converted<float>(z)),
        device(on) {
    for (std::int64_t i = 0; i < z.numel(); ++i) scaled.data<float>()[i] *= scale.data<float>()[i % channels];
    u = kernels::batch_norm(scaled, terms, "bn");
    for (std::int64_t i = 0; i < z.numel(); ++i) u.data<float>()[i] += shortcut.data<float>()[i];
  }
  float slope_of(std::int64_t i) const { return slope.data<float>()[i % slope.numel()]; }
  float scale_of(std::int64_t i) const { return scale.data<float>()[i % scale.numel()]; }

  Tensor forward() const {
    return kernels::scale_batch_norm_add_prelu(z.to(device), scale.to(device), test::to(terms, device),
                                               shortcut.to(device), slope.to(device), "bn");
  }
  TailGradients backward(Tensor gradient, bool batch_statistics) const {
    return kernels::scale_batch_norm_add_prelu_backward(std::move(gradient), z.to(device), scale.to(device),
                                                        test::to(terms, device), shortcut.to(device),
                                                        slope.to(device), batch_statistics);
  }
  // dL/du: the gradient of the PReLU's input.
  Tensor du() const {
    Tensor result = dy.clone();
    for (std::int64_t i = 0; i < dy.numel(); ++i) {
      if (!(u.data<float>()[i] > 0)) result.data<float>()[i] *= slope_of(i);
    }
    return result;
  }
};

void check_forward(const Tail& t) {
  const reference::Normalisation exact = test::in_double(t.terms);
  const std::vector<double> normalised = reference::batch_norm(t.scaled, exact);
  std::vector<double> y, tolerance;
  for (std::int64_t i = 0; i < t.z.numel(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double beta = exact.beta[at % exact.beta.size()];
    const double sum = normalised[at] + t.shortcut.data<float>()[i];
    // PReLU is continuous with slopes up to one, so that it does not matter on which side of 0 u falls. Three
    // roundings of the product, one of each sum and of the slope's product.
    y.push_back(sum > 0 ? sum : double{t.slope_of(i)} * sum);
    tolerance.push_back(kUnit *
                        (4 * std::abs(normalised[at] - beta) + std::abs(normalised[at]) + 3 * std::abs(sum)));
  }
  CHECK(test::difference(t.forward(), y, tolerance) == "");
}

void check_backward(const Tail& t, bool batch_statistics) {
  const Tensor du = t.du();
  reference::Gradients expected =
      reference::batch_norm_backward(du, t.scaled, test::in_double(t.terms), batch_statistics);
  reference::Gradients tolerance =
      test::batch_norm_backward_tolerance(du, t.scaled, t.terms, batch_statistics);
  std::vector<double> dslope(t.slope.to_vector<float>().size(), 0.0), dslope_tolerance = dslope;
  for (std::int64_t i = 0; i < t.z.numel(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    // dL/dz = scale * dL/d(scale * z), with a rounding.
    expected.dx[at] *= t.scale_of(i);
    tolerance.dx[at] = t.scale_of(i) * tolerance.dx[at] + kUnit * std::abs(expected.dx[at]);
    const double u = t.u.data<float>()[i], dy = t.dy.data<float>()[i];
    if (u > 0) continue;
    dslope[at % dslope.size()] += dy * u;
    dslope_tolerance[at % dslope.size()] += 20 * kUnit * std::abs(dy * u);  // as dgamma
  }
  const TailGradients actual = t.backward(t.dy.to(t.device), batch_statistics);
  CHECK(test::difference(actual.batch_norm.dx, expected.dx, tolerance.dx) == "");
  CHECK(test::difference(actual.batch_norm.dgamma, expected.dgamma, tolerance.dgamma) == "");
  CHECK(test::difference(actual.batch_norm.dbeta, expected.dbeta, tolerance.dbeta) == "");
  CHECK(test::difference(actual.dshortcut, test::as_doubles(du), 0.0) == "");
  CHECK(test::difference(actual.dslope, dslope, dslope_tolerance) == "");
}

std::vector<Tensor> all(const TailGradients& g) {
  return {g.batch_norm.dx, g.batch_norm.dgamma, g.batch_norm.dbeta, g.dshortcut, g.dslope};
}

}  // namespace

TEST_CASE("scale_batch_norm_add_prelu: agrees with its plain parts") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 3, 8, 16, 33, 64, 300}) {
    for (const std::int64_t rows : {1, 2, 7, 86, 257, 1000}) {
      INFO(rows << " rows of " << channels << " channels");
      const Tail tail(rows, channels, device);
      check_forward(tail);
      check_backward(tail, true);
      check_backward(tail, false);
    }
  }
}

TEST_CASE("scale_batch_norm_add_prelu: with shifts it is the sum and an RPReLU") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {3, 16, 33}) {
    INFO(channels << " channels");
    const Tail tail(86, channels, device);
    const Tensor before = test::random_tensor({channels}, 7).to(device);
    const Tensor after = test::random_tensor({channels}, 8).to(device);
    const auto fused = [&](const Tensor& slope, const kernels::PreluShifts& shifts) {
      return kernels::scale_batch_norm_add_prelu(tail.z.to(device), tail.scale.to(device),
                                                 test::to(tail.terms, device), tail.shortcut.to(device),
                                                 slope, "bn", shifts);
    };
    const Tensor slope = tail.slope.to(device);
    const Tensor u = fused(Tensor::full({channels}, 1).to(device), {});
    CHECK(test::bit_difference(fused(slope, {before, after}), kernels::prelu(u, slope, {before, after})) ==
          "");
    const TailGradients gradients = kernels::scale_batch_norm_add_prelu_backward(
        tail.dy.to(device), tail.z.to(device), tail.scale.to(device), test::to(tail.terms, device),
        tail.shortcut.to(device), slope, true, before);
    const kernels::PreluGradients expected = kernels::prelu_backward(tail.dy.to(device), u, slope, before);
    CHECK(test::bit_difference(gradients.dshortcut, expected.dx) == "");
    // Sums of 86 products below 10 in f32.
    CHECK(test::difference(gradients.dslope, test::as_doubles(expected.dslope), 1e-3) == "");
  }
}

TEST_CASE("scale_batch_norm_add_prelu: with statistics it gives the same and those of a pass over it") {
  const Device device = test::each_device();
  const DType dtype = GENERATE(DType::f32, DType::bf16);
  for (const std::int64_t channels : {1, 3, 16, 33, 64, 300}) {
    for (const std::int64_t rows : {1, 7, 257, 1000}) {
      INFO(to_string(dtype) << ", " << rows << " rows of " << channels << " channels");
      const Tail tail(rows, channels, device);
      const Tensor z = tail.z.to(device), scale = tail.scale.to(device), slope = tail.slope.to(device),
                   shortcut = kernels::cast(tail.shortcut.to(device), dtype);
      const BatchNormTerms terms = test::to(tail.terms, device);
      const kernels::PreluShifts shifts{test::random_tensor({channels}, 7).to(device),
                                        test::random_tensor({channels}, 8).to(device)};
      const kernels::TailWithStatistics actual =
          kernels::scale_batch_norm_add_prelu_with_statistics(z, scale, terms, shortcut, slope, "bn", shifts);
      const Tensor expected =
          kernels::scale_batch_norm_add_prelu(z, scale, terms, shortcut, slope, "bn", shifts);
      const kernels::ChannelStatistics statistics = kernels::channel_statistics(expected);
      CHECK(test::bit_difference(actual.y, expected) == "");
      CHECK(test::bit_difference(actual.statistics.mean, statistics.mean) == "");
      CHECK(test::bit_difference(actual.statistics.variance, statistics.variance) == "");
    }
  }
}

TEST_CASE("scale_batch_norm_add_prelu: what a ternary batch norm hands back need not be stored before") {
  const Device device = test::each_device();
  const DType dtype = GENERATE(DType::f32, DType::bf16);
  const bool with_addend = GENERATE(true, false);
  for (const std::int64_t channels : {1, 3, 16, 33, 64, 300}) {
    for (const std::int64_t rows : {1, 7, 257}) {
      INFO(to_string(dtype) << ", " << rows << " rows of " << channels << " channels");
      const Tail tail(rows, channels, device);
      const auto stream = [&](std::uint32_t seed) {
        return kernels::cast(test::random_tensor({rows, channels}, seed, -2.0F, 2.0F), dtype).to(device);
      };
      const Tensor z = tail.z.to(device), scale = tail.scale.to(device), slope = tail.slope.to(device),
                   shortcut = stream(7);
      const BatchNormTerms terms = test::to(tail.terms, device);
      kernels::BatchNormTernaryDx dy;
      dy.dy = stream(8);
      dy.x = kernels::scale_batch_norm_add_prelu(z, scale, terms, shortcut, slope, "bn");
      dy.terms = test::to(test::random_terms(channels, 9), device);
      dy.means = test::random_tensor({2, channels}, 10).to(device);
      if (with_addend) dy.addend = stream(11);
      const std::vector<Tensor> expected = all(kernels::scale_batch_norm_add_prelu_backward(
          kernels::batch_norm_ternary_backward_apply(dy), z, scale, terms, shortcut, slope, true));
      const std::vector<Tensor> actual =
          all(kernels::scale_batch_norm_add_prelu_backward(dy, z, scale, terms, shortcut, slope, true));
      for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(test::bit_difference(actual[i], expected[i]) == "");
      }
    }
  }
}

TEST_CASE("scale_batch_norm_add_prelu: 32-bit integers give the bits that 16-bit ones give") {
  const Device device = test::each_device();
  const Tail narrow(86, 33, device);
  Tail wide = narrow;
  wide.z = test::converted<std::int32_t>(narrow.z);
  CHECK(test::bit_difference(wide.forward(), narrow.forward()) == "");
  const std::vector<Tensor> expected = all(narrow.backward(narrow.dy.to(device), true)),
                            actual = all(wide.backward(wide.dy.to(device), true));
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(test::bit_difference(actual[i], expected[i]) == "");
}

TEST_CASE(
    "scale_batch_norm_add_prelu: a gradient that others hold is not overwritten, one of its own may be") {
  const Device device = test::each_device();
  const Tail tail(300, 9, device);
  const Tensor dy = tail.dy.to(device), before = dy.clone();
  const TailGradients shared = tail.backward(dy, true);
  CHECK(test::bit_difference(dy, before) == "");
  CHECK_FALSE(shared.dshortcut.shares_storage_with(dy));

  Tensor own = dy.clone();
  const void* storage = own.raw();
  const TailGradients reused = tail.backward(std::move(own), true);
  CHECK(reused.dshortcut.raw() == storage);
  for (std::size_t i = 0; i < all(shared).size(); ++i) {
    CHECK(test::bit_difference(all(reused)[i], all(shared)[i]) == "");
  }
}

TEST_CASE("scale_batch_norm_add_prelu: the same bits on any number of threads") {
  const Tail tail(6000, 33);
  const auto results = [&](int threads) {
    const test::ThreadCount scope(threads);
    std::vector<Tensor> tensors = all(tail.backward(tail.dy, true));
    tensors.push_back(tail.forward());
    return tensors;
  };
  const std::vector<Tensor> expected = results(1);
  for (const int threads : {2, 3}) {
    const std::vector<Tensor> actual = results(threads);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(test::bit_difference(actual[i], expected[i]) == "");
    }
  }
}

TEST_CASE("scale_batch_norm_add_prelu: a result that is not finite is an error that names the layer") {
  const Device device = test::each_device();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto spoilt = [device](Tensor Tail::*member, float value) {
    Tail tail(200, 3, device);
    (tail.*member) = (tail.*member).clone();
    (tail.*member).data<float>()[1] = value;
    return tail;
  };
  for (const auto member : {&Tail::scale, &Tail::shortcut, &Tail::slope}) {
    const Tail tail = spoilt(member, nan);
    CHECK_THROWS_AS(tail.forward(), NumericError);
    CHECK_THROWS_WITH(tail.forward(), Catch::Contains("bn: "));
  }
  const Tail infinite = spoilt(&Tail::shortcut, std::numeric_limits<float>::infinity());
  CHECK_THROWS_AS(infinite.forward(), NumericError);
  CHECK_THROWS_WITH(kernels::scale_batch_norm_add_prelu_with_statistics(
                        infinite.z.to(device), infinite.scale.to(device), test::to(infinite.terms, device),
                        infinite.shortcut.to(device), infinite.slope.to(device), "bn"),
                    Catch::Contains("bn: "));
}

TEST_CASE("scale_batch_norm_add_prelu: equal terms give equal bits on every device") {
  const Device device = test::each_device();
  for (const std::int64_t channels : {1, 16, 33, 300}) {
    const Tail here(97, channels), there(97, channels, device);
    CHECK(test::bit_difference(there.forward(), here.forward()) == "");
    const TailGradients expected = here.backward(here.dy, false),
                        actual = there.backward(there.dy.to(device), false);
    CHECK(test::bit_difference(actual.batch_norm.dx, expected.batch_norm.dx) == "");
    CHECK(test::bit_difference(actual.dshortcut, expected.dshortcut) == "");
  }
}

TEST_CASE("scale_batch_norm_add_prelu: arguments that do not fit together are named") {
  Tail tail(4, 3);
  tail.slope = Tensor::zeros({4});
  CHECK_THROWS_WITH(tail.forward(),
                    "scale_batch_norm_add_prelu: slope is (4,), expected one value for each of 3 channels");
  tail.slope = Tensor::zeros({3});
  CHECK_THROWS_WITH(tail.backward(Tensor::zeros({5, 3}), true),
                    "scale_batch_norm_add_prelu_backward: dy is (5, 3) but z is (4, 3)");
  tail.shortcut = Tensor::zeros({4, 4});
  CHECK_THROWS_WITH(tail.forward(), "scale_batch_norm_add_prelu: shortcut is (4, 4) but z is (4, 3)");
  tail.z = tail.scaled;
  CHECK_THROWS_WITH(tail.forward(), "scale_batch_norm_add_prelu: z is f32, expected i16 or i32");
}
