#include "tern/training/synchronised_shards.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tern/kernels/channel_sums.h"
#include "tern/layers/batch_norm2d.h"
#include "tern/layers/functions/synchronised_batch_norm.h"
#include "tern/layers/optim/sgd.h"
#include "tern/layers/state_dict.h"
#include "tern/models/initialise.h"
#include "tern/models/registry.h"
#include "tern/training/sharded_step.h"
#include "tern/training/training_step.h"
#include "tests/reference/batch_norm.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"
#include "tests/support/random_tensors.h"
#include "tests/support/thread_group.h"
#include "tests/training/small_training.h"
#include "tests/training/step_failure.h"

namespace tern {
namespace {

using Catch::Contains;
using test::kUnit;

constexpr std::int64_t kShards = 4, kRows = 30, kChannels = 5;  // rows of a shard

// A shard of x, whose rows begin with those of shard 0.
Tensor shard_of(const Tensor& x, std::int64_t shard) {
  std::vector<std::int64_t> extents(x.shape().begin(), x.shape().end());
  extents.front() /= kShards;
  Tensor part = Tensor::empty(Shape(extents), x.dtype());
  std::copy_n(static_cast<const char*>(x.raw()) + static_cast<std::size_t>(shard) * part.nbytes(),
              part.nbytes(), static_cast<char*>(part.raw()));
  return part;
}

// body(shard) in all of them, side by side.
void on_shards(const std::function<void(std::int64_t)>& body) {
  SingleProcess alone;
  test::ColourNetwork network;  // has no part in it
  SynchronisedShards(network, alone, kShards).run(body);
}

BatchNormArguments arguments(Device device) {
  BatchNormArguments a;
  const kernels::BatchNormTerms terms = test::to(test::random_terms(kChannels, 7), device);
  a.gamma = Variable(terms.gamma);
  a.beta = Variable(terms.beta);
  a.running.mean = Tensor::zeros({kChannels}).to(device);
  a.running.variance = Tensor::full({kChannels}, 1).to(device);
  a.layer = "layer";
  return a;
}

TEST_CASE("synchronised batch norm: of floats, statistics and gradients are those of the whole batch") {
  const Device device = test::each_device();
  constexpr float kLow = -1, kHigh = 3, kWide = kHigh - kLow;
  const Tensor x = test::random_tensor({kShards * kRows, kChannels}, 1, kLow, kHigh);
  const Tensor dy = test::random_tensor({kShards * kRows, kChannels}, 2);
  std::vector<kernels::BatchNormTerms> terms(kShards);
  std::vector<kernels::BatchNormGradients> gradients(kShards);
  on_shards([&](std::int64_t shard) {
    const auto s = static_cast<std::size_t>(shard);
    BatchNormArguments a = arguments(device);
    const Tensor part = shard_of(x, shard).to(device);
    terms[s] = batch_norm_terms(part, Tensor(), a);
    gradients[s] = kernels::batch_norm_backward(shard_of(dy, shard).to(device), part, terms[s],
                                                statistics_for_backward(part, true));
  });

  const reference::Statistics expected = reference::channel_statistics(x);
  std::vector<double> inv_std, inv_std_tolerance;
  for (const double variance : expected.variance) {
    inv_std.push_back(1 / std::sqrt(variance + 1e-5));
    // As in batch_norm_test.cpp, with |d| < kWide: 54 roundings of d^2 in the variance of a shard, and one;
    // in its mean 17 of d and two of values below kWide, which count twice in the square of the mean.
    const double variance_tolerance = kUnit * kWide * kWide * (55 + 2 * 19);
    inv_std_tolerance.push_back(inv_std.back() * (variance_tolerance / (2 * variance) + 2 * kUnit));
  }
  const auto reference_gradients =
      reference::batch_norm_backward(dy, x, test::in_double(test::to(terms[0], Device{})), true);
  const auto tolerance = test::batch_norm_backward_tolerance(dy, x, test::to(terms[0], Device{}), true);
  for (std::size_t s = 0; s < kShards; ++s) {
    INFO("shard " << s);
    CHECK(test::difference(terms[s].mean, expected.mean, kUnit * kWide * 20) == "");
    CHECK(test::difference(terms[s].inv_std, inv_std, inv_std_tolerance) == "");
    CHECK(test::bit_difference(terms[s].mean, terms[0].mean) == "");
    const auto begin = static_cast<std::ptrdiff_t>(s * kRows * kChannels), end = begin + kRows * kChannels;
    CHECK(test::difference(gradients[s].dx,
                           {reference_gradients.dx.begin() + begin, reference_gradients.dx.begin() + end},
                           {tolerance.dx.begin() + begin, tolerance.dx.begin() + end}) == "");
  }
}

TEST_CASE("synchronised batch norm: of integers, the statistics are those of the whole batch to the bit") {
  const Device device = test::each_device();
  const Tensor z = test::random_integers({kShards * kRows, kChannels}, 3, 4608);
  BatchNormArguments of_whole = arguments(device);
  const Tensor scale = test::random_tensor({kChannels}, 4, 0.001F, 0.01F).to(device);
  const kernels::BatchNormTerms expected = batch_norm_terms(z.to(device), scale, of_whole);
  on_shards([&](std::int64_t shard) {
    BatchNormArguments a = arguments(device);
    const Tensor part = shard_of(z, shard).to(device);
    for (const Tensor& sums : {Tensor(), kernels::channel_sums(part)}) {
      const kernels::BatchNormTerms terms = batch_norm_terms(part, scale, a, sums);
      CHECK(test::bit_difference(terms.mean, expected.mean) == "");
      CHECK(test::bit_difference(terms.inv_std, expected.inv_std) == "");
    }
  });
}

TEST_CASE("synchronised batch norm: sums of integers may have more than 32 bits and be negative") {
  std::vector<std::int32_t> values;
  for (std::int32_t i = 0; i < kShards * kRows * kChannels; ++i)
    values.push_back(-200'000'000 + 997 * i * (i % 7));
  const Tensor z = Tensor::from<std::int32_t>({kShards * kRows, kChannels}, values);
  BatchNormArguments of_whole = arguments({});
  const kernels::BatchNormTerms expected = batch_norm_terms(z, Tensor(), of_whole);
  on_shards([&](std::int64_t shard) {
    BatchNormArguments a = arguments({});
    const kernels::BatchNormTerms terms = batch_norm_terms(shard_of(z, shard), Tensor(), a);
    CHECK(test::bit_difference(terms.mean, expected.mean) == "");
    CHECK(test::bit_difference(terms.inv_std, expected.inv_std) == "");
  });
}

Batch batch_of(const Tensor& images) {
  Batch batch;
  batch.images = images;
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < images.dim(0); ++i) labels.push_back(i % 3);
  batch.labels = Tensor::from<std::int64_t>({images.dim(0)}, labels);
  return batch;
}

Batch to(const Batch& batch, Device device) {
  Batch moved;
  moved.images = batch.images.to(device);
  moved.labels = batch.labels.to(device);
  return moved;
}

std::unique_ptr<Module> network_of(const std::string& block, Device device = {}) {
  auto network = parse_network_config(R"({"family": "resnet", "block": ")" + block +
                                      R"(", "stem": "cifar", "widths": [8], "depths": [1],
                                          "classes": 3, "input_size": 8})")
                     .make();
  initialise(*network, {}, 3);
  network->to(device);
  return network;
}

using Values = std::vector<std::vector<float>>;

Values weights_of(const Module& network) {
  Values values;
  for (const auto& [name, parameter] : network.named_parameters()) {
    values.push_back(parameter.value().to_vector<float>());
  }
  return values;
}

// Running statistics and counts, too.
Values values_of(const Module& network) {
  Values values;
  for (const StateEntry& entry : state_dict(network)) {
    if (entry.tensor.dtype() == DType::f32) values.push_back(entry.tensor.to_vector<float>());
    if (entry.tensor.dtype() == DType::i64) {
      values.push_back({static_cast<float>(*entry.tensor.data<std::int64_t>())});
    }
  }
  return values;
}

const Tensor& images() {
  static const Tensor all = test::random_tensor({kShards * 6, 8, 8, 3}, 5, -2, 2);
  return all;
}

struct Stepped {
  Values values;
  double loss;
};

// Steps of SGD on the images() in kShards, on so many ranks; what each of them has then.
std::vector<Stepped> stepped(const std::string& block, int ranks, BatchNormStatistics statistics, int steps,
                             Device device = {}) {
  std::vector<Stepped> results(static_cast<std::size_t>(ranks));
  test::on_ranks(ranks, [&](ProcessGroup& group) {
    const std::int64_t own = kShards / ranks, first = group.rank() * own;
    const auto network = network_of(block, device);
    Sgd optimizer(network->named_parameters(), {});
    std::int64_t taken = 0;
    ShardedStep step(
        *network, optimizer, kShards, group,
        [&] { return to(batch_of(shard_of(images(), first + taken++ % own)), device); }, statistics);
    Stepped& result = results[static_cast<std::size_t>(group.rank())];
    for (int i = 0; i < steps; ++i) result.loss = step.run(cross_entropy_loss(), {0.1, 0}).loss;
    result.values = values_of(*network);
  });
  return results;
}

TEST_CASE(
    "synchronised shards: steps of 4 shards have the same bits on 1, 2 and 4 ranks, and on each of them") {
  const Device device = test::each_device();
  const int steps = test::is_emulated(device) ? 1 : 3;
  const auto run = [&](int ranks) {
    return stepped("sttn", ranks, BatchNormStatistics::synchronised, steps, device);
  };
  const Stepped alone = run(1).front();
  for (const int ranks : {2, 4}) {
    INFO(ranks << " ranks");
    for (const Stepped& result : run(ranks)) {
      CHECK((result.values == alone.values));
      CHECK(result.loss == alone.loss);
    }
  }
}

double largest_difference(const Values& a, const Values& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < a[i].size(); ++k) {
      largest = std::max(largest, std::abs(double{a[i][k]} - double{b[i].at(k)}));
    }
  }
  return largest;
}

TEST_CASE("synchronised shards: a step in floats is that of the whole batch but for roundings") {
  const auto whole = network_of("basic");
  Sgd optimizer(whole->named_parameters(), {});
  const StepResult expected =
      training_step(*whole, optimizer, batch_of(images()), cross_entropy_loss(), {0.1, 0});
  const Stepped synchronised = stepped("basic", 1, BatchNormStatistics::synchronised, 1).front();
  const Stepped apart = stepped("basic", 1, BatchNormStatistics::shard, 1).front();
  // Values of order one through four layers, each of which rounds a few times. The statistics of 6 images
  // instead of 24 are another thing altogether.
  constexpr double kRoundings = 50 * kUnit;
  CHECK(std::abs(synchronised.loss - expected.loss) < kRoundings);
  CHECK(largest_difference(synchronised.values, values_of(*whole)) < kRoundings);
  CHECK(largest_difference(apart.values, values_of(*whole)) > 100 * kRoundings);
}

TEST_CASE("synchronised shards: without batch norms, a step is that of shards one by one, to the bit") {
  const auto run = [](BatchNormStatistics statistics) {
    SingleProcess alone;
    test::ColourNetwork network;
    initialise(network, {}, 3);
    Sgd optimizer(network.named_parameters(), {});
    unsigned taken = 0;
    ShardedStep step(
        network, optimizer, 3, alone,
        [&] {
          Batch batch;
          batch.images = test::random_tensor({2, 4, 4, 3}, taken++, -2, 2);
          batch.labels = Tensor::from<std::int64_t>({2}, {0, 1});
          return batch;
        },
        statistics);
    step.run(cross_entropy_loss(), {0.1, 0.5});
    return values_of(network);
  };
  CHECK((run(BatchNormStatistics::synchronised) == run(BatchNormStatistics::shard)));
}

TEST_CASE(
    "synchronised shards: a NaN in one shard names layer and rank on all ranks, before a weight has "
    "changed") {
  const Device device = test::each_device();
  std::vector<std::string> messages(2);
  std::vector<int> unchanged(2, 0);
  test::on_ranks(2, [&](ProcessGroup& group) {
    const auto network = network_of("sttn", device);
    Sgd optimizer(network->named_parameters(), {});
    int taken = 0;
    ShardedStep step(
        *network, optimizer, kShards, group,
        [&] {
          Batch batch = batch_of(shard_of(images(), taken));
          if (group.rank() == 1 && taken++ == 1)
            batch.images.data<float>()[0] = std::numeric_limits<float>::infinity();
          return to(batch, device);
        },
        BatchNormStatistics::synchronised);
    const Values before = weights_of(*network);
    const auto rank = static_cast<std::size_t>(group.rank());
    messages[rank] = test::failure_of(step);
    unchanged[rank] = weights_of(*network) == before ? 1 : 0;
  });
  CHECK_THAT(messages[0], Contains("rank 1 on host1: ") && Contains("mean or variance of the batch"));
  CHECK_THAT(messages[1], Contains("NumericError: ") && Contains("mean or variance of the batch"));
  CHECK(unchanged == std::vector<int>{1, 1});
}

// Normalises some of its batches only.
class Alternating final : public Module {
 public:
  Variable forward(const Variable& x) override { return ++calls_ % 2 == 0 ? norm_->forward(x) : x; }

 private:
  BatchNorm2d* norm_ = &add_module("norm", std::make_unique<BatchNorm2d>(3));
  int calls_ = 0;
};

TEST_CASE("synchronised shards: a network that takes another way for some shards is an error") {
  SingleProcess alone;
  Alternating network;
  SynchronisedShards shards(network, alone, 2);
  CHECK_THROWS_WITH(shards.run([&](std::int64_t) {
    network.forward(Variable(Tensor::full({4, 3}, 1)));
  }),
                    Contains("of 2 shards 1 have come to a batch norm"));
}

}  // namespace
}  // namespace tern
