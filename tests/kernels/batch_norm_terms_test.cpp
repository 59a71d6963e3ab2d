#include "tern/kernels/batch_norm_terms.h"

#include <cmath>
#include <limits>

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;
using kernels::BatchNormInput;
using kernels::BatchNormTerms;
using kernels::ChannelStatistics;
using kernels::RunningStatistics;
using test::kUnit;

namespace {

constexpr std::int64_t kCount = 5;  // channels

Tensor vector(std::uint32_t seed, float low = 0.25F, float high = 2.0F) {
  return test::random_tensor({kCount}, seed, low, high);
}

BatchNormInput plain_input() {
  return {vector(1), vector(2), Tensor(), Tensor()};
}

RunningStatistics fresh_statistics() {
  return {vector(3, -1.0F, 1.0F), vector(4), 0.1F, 1e-5F};
}

const ChannelStatistics kBatch{vector(5, -1.0F, 1.0F), vector(6)};

// The same on a device.
BatchNormInput to(const BatchNormInput& input, Device device) {
  const auto move = [device](const Tensor& t) { return t.defined() ? t.to(device) : t; };
  return {move(input.gamma), move(input.beta), move(input.scale), move(input.input_bias)};
}
RunningStatistics to(const RunningStatistics& running, Device device) {
  return {running.mean.to(device), running.variance.to(device), running.momentum, running.eps};
}
ChannelStatistics to(const ChannelStatistics& batch, Device device) {
  return {batch.mean.to(device), batch.variance.to(device)};
}

}  // namespace

TEST_CASE("batch_norm terms: training uses the batch and moves the running statistics") {
  const Device device = test::each_device();
  for (const std::int64_t rows : {2, 10, 1000}) {
    RunningStatistics running = to(fresh_statistics(), device);
    const RunningStatistics before = fresh_statistics();
    const BatchNormInput input = to(plain_input(), device);
    const BatchNormTerms terms =
        kernels::update_statistics_and_compute_terms(to(kBatch, device), rows, input, running, "bn");
    CHECK(test::bit_difference(terms.mean, kBatch.mean) == "");
    CHECK(terms.gamma.shares_storage_with(input.gamma));
    CHECK(terms.beta.shares_storage_with(input.beta));
    std::vector<double> inv_std, mean, variance;
    for (std::size_t c = 0; c < kCount; ++c) {
      const double batch_mean = kBatch.mean.data<float>()[c],
                   batch_variance = kBatch.variance.data<float>()[c];
      inv_std.push_back(1 / std::sqrt(batch_variance + 1e-5));
      mean.push_back(0.9 * before.mean.data<float>()[c] + 0.1 * batch_mean);
      variance.push_back(0.9 * before.variance.data<float>()[c] +
                         0.1 * batch_variance * static_cast<double>(rows) / static_cast<double>(rows - 1));
    }
    // Values below 2; the constants 0.1, 0.9 and 1e-5 in f32 and up to three roundings.
    CHECK(test::difference(terms.inv_std, inv_std, 4 * kUnit) == "");
    CHECK(test::difference(running.mean, mean, 4 * kUnit) == "");
    CHECK(test::difference(running.variance, variance, 8 * kUnit) == "");
  }
}

TEST_CASE("batch_norm terms: momentum 1 keeps the last batch, momentum 0 nothing of it") {
  const Device device = test::each_device();
  const ChannelStatistics batch = to(kBatch, device);
  RunningStatistics running = to(fresh_statistics(), device);
  running.momentum = 0.0F;
  kernels::update_statistics_and_compute_terms(batch, 10, to(plain_input(), device), running, "bn");
  CHECK(test::bit_difference(running.mean, fresh_statistics().mean) == "");
  CHECK(test::bit_difference(running.variance, fresh_statistics().variance) == "");
  running.momentum = 1.0F;
  kernels::update_statistics_and_compute_terms(batch, 10, to(plain_input(), device), running, "bn");
  CHECK(test::bit_difference(running.mean, kBatch.mean) == "");
}

TEST_CASE("batch_norm terms: evaluation uses the running statistics and leaves them") {
  const Device device = test::each_device();
  const RunningStatistics running = to(fresh_statistics(), device);
  const BatchNormTerms terms = kernels::evaluation_terms(to(plain_input(), device), running);
  CHECK(test::bit_difference(terms.mean, running.mean) == "");
  std::vector<double> inv_std;
  for (const double variance : test::as_doubles(running.variance)) {
    inv_std.push_back(1 / std::sqrt(variance + 1e-5));
  }
  CHECK(test::difference(terms.inv_std, inv_std, 2 * kUnit) == "");
  CHECK(test::bit_difference(running.variance, fresh_statistics().variance) == "");
}

TEST_CASE("batch_norm terms: a scale turns the statistics of z into those of scale * z") {
  const Device device = test::each_device();
  BatchNormInput scaled = plain_input();
  scaled.scale = Tensor::from<float>({kCount}, {0.5F, 2.0F, 0.3F, 0.0F, -1.5F});
  ChannelStatistics of_scaled{kBatch.mean.clone(), kBatch.variance.clone()};
  for (std::size_t c = 0; c < kCount; ++c) {
    const float s = scaled.scale.data<float>()[c];
    of_scaled.mean.data<float>()[c] *= s;
    of_scaled.variance.data<float>()[c] *= s * s;
  }
  RunningStatistics running = to(fresh_statistics(), device),
                    expected_running = to(fresh_statistics(), device);
  scaled = to(scaled, device);
  const BatchNormTerms terms =
      kernels::update_statistics_and_compute_terms(to(kBatch, device), 10, scaled, running, "bn");
  const BatchNormTerms expected = kernels::update_statistics_and_compute_terms(
      to(of_scaled, device), 10, to(plain_input(), device), expected_running, "bn");
  // The expectation has two roundings more, of numbers below 8; the largest inv_std is 1 / sqrt(eps).
  CHECK(test::difference(terms.mean, test::as_doubles(expected.mean), 2 * kUnit) == "");
  const std::vector<double> inv_std = test::as_doubles(terms.inv_std),
                            expected_inv_std = test::as_doubles(expected.inv_std);
  for (std::size_t c = 0; c < kCount; ++c) {
    CHECK(std::abs(inv_std[c] / expected_inv_std[c] - 1) <= 4 * kUnit);
  }
  CHECK(test::difference(running.mean, test::as_doubles(expected_running.mean), 4 * kUnit) == "");
  CHECK(test::difference(running.variance, test::as_doubles(expected_running.variance), 16 * kUnit) == "");
  // The running statistics are those of scale * z already: evaluation does not scale them again.
  CHECK(test::bit_difference(kernels::evaluation_terms(scaled, running).mean, running.mean) == "");
}

TEST_CASE("batch_norm terms: an input bias moves the running mean alone, and evaluation takes it off") {
  const Device device = test::each_device();
  BatchNormInput biased = plain_input();
  biased.input_bias = vector(7, -3.0F, 3.0F);
  const std::vector<double> biases = test::as_doubles(biased.input_bias);
  const ChannelStatistics batch = to(kBatch, device);
  biased = to(biased, device);
  RunningStatistics running = to(fresh_statistics(), device), without = to(fresh_statistics(), device);
  const BatchNormTerms terms = kernels::update_statistics_and_compute_terms(batch, 10, biased, running, "bn");
  const BatchNormTerms expected =
      kernels::update_statistics_and_compute_terms(batch, 10, to(plain_input(), device), without, "bn");
  CHECK(test::bit_difference(terms.mean, expected.mean) == "");
  CHECK(test::bit_difference(terms.inv_std, expected.inv_std) == "");
  CHECK(test::bit_difference(running.variance, without.variance) == "");
  std::vector<double> moved = test::as_doubles(without.mean), taken_off = test::as_doubles(running.mean);
  for (std::size_t c = 0; c < kCount; ++c) {
    moved[c] += 0.1 * biases[c];
    taken_off[c] -= biases[c];
  }
  CHECK(test::difference(running.mean, moved, 4 * kUnit) == "");  // numbers below 2, as above
  CHECK(test::difference(kernels::evaluation_terms(biased, running).mean, taken_off, 4 * kUnit) == "");
}

TEST_CASE("batch_norm terms: statistics that are not finite are an error and change nothing") {
  const Device device = test::each_device();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const int where : {0, 1, 2}) {
      ChannelStatistics batch{kBatch.mean.clone(), kBatch.variance.clone()};
      BatchNormInput input = plain_input();
      input.scale = Tensor::full({kCount}, 1.0F);
      (where == 0 ? batch.mean : where == 1 ? batch.variance : input.scale).data<float>()[kCount - 1] = bad;
      batch = to(batch, device);
      input = to(input, device);
      RunningStatistics running = to(fresh_statistics(), device);
      CHECK_THROWS_AS(kernels::update_statistics_and_compute_terms(batch, 10, input, running, "stem.bn"),
                      NumericError);
      CHECK_THROWS_WITH(kernels::update_statistics_and_compute_terms(batch, 10, input, running, "stem.bn"),
                        "stem.bn: mean or variance of the batch is NaN or infinite");
      CHECK(test::bit_difference(running.mean, fresh_statistics().mean) == "");
      CHECK(test::bit_difference(running.variance, fresh_statistics().variance) == "");
    }
  }
}

TEST_CASE("batch_norm terms: equal statistics give equal bits on every device") {
  const Device device = test::each_device();
  BatchNormInput input = plain_input();
  input.scale = vector(8);
  input.input_bias = vector(9, -3.0F, 3.0F);
  RunningStatistics running = fresh_statistics(), there = to(fresh_statistics(), device);
  const BatchNormTerms expected =
      kernels::update_statistics_and_compute_terms(kBatch, 10, input, running, "bn");
  const BatchNormTerms actual =
      kernels::update_statistics_and_compute_terms(to(kBatch, device), 10, to(input, device), there, "bn");
  CHECK(test::bit_difference(actual.mean, expected.mean) == "");
  CHECK(test::bit_difference(actual.inv_std, expected.inv_std) == "");
  CHECK(test::bit_difference(there.mean, running.mean) == "");
  CHECK(test::bit_difference(there.variance, running.variance) == "");
}

TEST_CASE("batch_norm terms: one row has no variance, and arguments that do not fit are named") {
  RunningStatistics running = fresh_statistics();
  CHECK_THROWS_WITH(
      kernels::update_statistics_and_compute_terms(kBatch, 1, plain_input(), running, "stem.bn"),
      "stem.bn: batch statistics need more than one value per channel");
  BatchNormInput input = plain_input();
  input.input_bias = Tensor::zeros({kCount + 1});
  CHECK_THROWS_WITH(kernels::evaluation_terms(input, running),
                    "batch_norm: input bias is (6,), expected one value for each of 5 channels");
  running.variance = Tensor();
  CHECK_THROWS_WITH(kernels::evaluation_terms(plain_input(), running),
                    "batch_norm: running variance is undefined");
}
