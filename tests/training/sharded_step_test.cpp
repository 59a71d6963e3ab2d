#include "tern/training/sharded_step.h"

#include <limits>

#include "tern/layers/state_dict.h"
#include "tern/models/initialise.h"
#include "tern/models/registry.h"
#include "tern/training/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_group.h"
#include "tests/training/small_training.h"
#include "tests/training/step_failure.h"

namespace tern {
namespace {

using Catch::Contains;

using Values = std::vector<std::vector<float>>;

Values values_of(const Module& network, const Optimizer& optimizer) {
  Values values;
  for (const StateEntry& entry : state_dict(network)) {
    if (entry.tensor.dtype() == DType::f32) values.push_back(entry.tensor.to_vector<float>());
  }
  for (const auto& [name, tensor] : optimizer.state()) {
    if (tensor.dtype() == DType::f32) values.push_back(tensor.to_vector<float>());
  }
  return values;
}

// A network of pairs of binary branches that steps on shards of 6 images.
struct TernaryTraining {
  std::unique_ptr<Module> network = parse_network_config(
                                        R"({"family": "resnet", "block": "sttn", "stem": "cifar",
                                            "widths": [8], "depths": [1], "classes": 3, "input_size": 8})")
                                        .make();
  std::unique_ptr<Adam> optimizer;

  TernaryTraining() {
    initialise(*network, {}, 3);
    optimizer = std::make_unique<Adam>(network->named_parameters(), AdamConfig{});
  }

  static Batch shard(unsigned number) {
    Batch batch;
    batch.images = test::random_tensor({6, 8, 8, 3}, number, -2, 2);
    batch.labels = Tensor::from<std::int64_t>({6}, {0, 1, 2, 0, 1, 2});
    return batch;
  }

  StepResult step(std::int64_t shards, const std::function<Batch()>& next, double clip = 0) {
    SingleProcess alone;
    return ShardedStep(*network, *optimizer, shards, alone, next).run(cross_entropy_loss(), {0.01, clip});
  }
  Values values() const { return values_of(*network, *optimizer); }
};

TEST_CASE("sharded step: on shards that are alike it is the step on one of them, to the bit") {
  const double clip = GENERATE(0.0, 0.5);
  TernaryTraining whole;
  const StepResult expected = training_step(*whole.network, *whole.optimizer, TernaryTraining::shard(1),
                                            cross_entropy_loss(), {0.01, clip});
  for (const std::int64_t shards : {1, 2, 4}) {
    INFO(shards << " shards, gradient_clip " << clip);
    TernaryTraining cut;
    const StepResult result = cut.step(
        shards, [] { return TernaryTraining::shard(1); }, clip);
    CHECK((cut.values() == whole.values()));
    CHECK(result.loss == expected.loss);
    CHECK(result.correct == shards * expected.correct);
    CHECK(result.samples == 6 * shards);
  }
}

TEST_CASE("sharded step: running statistics are those of the first shard, gradients the mean of all") {
  TernaryTraining first, cut;
  first.step(1, [] { return TernaryTraining::shard(5); });
  unsigned number = 5;
  cut.step(3, [&] { return TernaryTraining::shard(number++); });
  const auto statistics = [](const TernaryTraining& training) {
    Values values;
    for (const auto& [name, buffer] : training.network->named_buffers()) {
      if (buffer.dtype() == DType::f32) values.push_back(buffer.to_vector<float>());
      if (buffer.dtype() == DType::i64) CHECK(*buffer.data<std::int64_t>() == 1);
    }
    return values;
  };
  CHECK((statistics(cut) == statistics(first)));
  CHECK((cut.values() != first.values()));
}

// What a training with 4 shards on so many ranks leaves on each of them.
struct Run {
  Values values;
  double loss, validation_loss;
};

class LastEpoch final : public TrainingObserver {
 public:
  void epoch_done(const EpochMetrics& done) override { metrics = done; }
  EpochMetrics metrics;
};

Loader share_of(const Dataset& dataset, bool training, ProcessGroup& group, std::int64_t shards) {
  LoaderConfig config;
  const std::int64_t ranks = group.size();
  config.shuffle = config.drop_last = training;
  config.seed = 3;
  config.workers = static_cast<int>(shards / ranks) - 1;
  config.batch_size = training ? 8 : 7 * ranks;  // 7 does not divide the 40 images
  config.shards = training ? ShardRange{shards, group.rank() * shards / ranks, shards / ranks}
                           : ShardRange{ranks, group.rank(), 1};
  TransformConfig transform;
  transform.size = {4, 4};
  if (training) transform.flip = Flip::random;
  return Loader(dataset, Transform(transform, training), config);
}

std::vector<Run> trained(int ranks) {
  std::vector<Run> runs(static_cast<std::size_t>(ranks));
  test::on_ranks(ranks, [&](ProcessGroup& group) {
    const test::TwoColours dataset;
    Loader training = share_of(dataset, true, group, 4), validation = share_of(dataset, false, group, 4);
    test::ColourNetwork network;
    initialise(network, {}, static_cast<std::uint64_t>(group.rank()));  // rank 0 decides
    Adam optimizer(network.named_parameters(), {});
    LastEpoch last;
    TrainerParts parts{network, optimizer, training, validation};
    parts.observer = &last;
    parts.group = &group;
    Trainer trainer(parts, {.epochs = 2, .lr = 0.1, .ema_decay = 0.9, .shards = 4});
    trainer.run();
    runs[static_cast<std::size_t>(group.rank())] = {values_of(network, optimizer), last.metrics.train_loss,
                                                    last.metrics.validation_loss};
  });
  return runs;
}

TEST_CASE("sharded step: a training of 4 shards has the same bits on 1, 2 and 4 ranks, and on each of them") {
  const Run alone = trained(1).front();
  for (const int ranks : {2, 4}) {
    INFO(ranks << " ranks");
    for (const Run& run : trained(ranks)) {
      CHECK((run.values == alone.values));
      CHECK(run.loss == alone.loss);
      CHECK(run.validation_loss == alone.validation_loss);
    }
  }
}

TEST_CASE("sharded step: a NaN on one rank is an error on all, before any weight has changed") {
  std::vector<std::string> messages(2);
  std::vector<int> unchanged(2, 0);
  test::on_ranks(2, [&](ProcessGroup& group) {
    test::ColourNetwork network;
    Adam optimizer(network.named_parameters(), {});
    ShardedStep step(network, optimizer, 2, group, [&] {
      Batch batch;
      batch.images =
          Tensor::full({2, 4, 4, 3}, group.rank() == 1 ? std::numeric_limits<float>::infinity() : 1);
      batch.labels = Tensor::from<std::int64_t>({2}, {0, 1});
      return batch;
    });
    const Values before = values_of(network, optimizer);
    const auto rank = static_cast<std::size_t>(group.rank());
    messages[rank] = test::failure_of(step);
    unchanged[rank] = values_of(network, optimizer) == before ? 1 : 0;
  });
  CHECK_THAT(messages[0], Contains("rank 1 on host1: "));
  CHECK_THAT(messages[1], Contains("NumericError: "));
  CHECK(unchanged == std::vector<int>{1, 1});
}

TEST_CASE("sharded step: numbers of processes that do not fit are refused with those that do") {
  const auto message = [](std::int64_t shards, int ranks, Reduction reduction = Reduction::tree) {
    try {
      check_ranks(shards, ranks, reduction);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(message(4, 4).empty());
  CHECK(message(12, 4).empty());
  CHECK(message(6, 3) ==
        "training.shards is 6, which 3 processes cannot share out equally, as a binary tree; 1, 2 would do");
  CHECK_THAT(message(4, 8), Contains("; 1, 2, 4 would do"));
  CHECK_THAT(message(1, 2), Contains("; 1 would do"));
  CHECK(message(6, 3, Reduction::nccl).empty());
  CHECK(message(6, 4, Reduction::nccl) ==
        "training.shards is 6, which 4 processes cannot share out equally; 1, 2, 3, 6 would do");
}

}  // namespace
}  // namespace tern
