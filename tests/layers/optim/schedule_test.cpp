#include "tern/layers/optim/schedule.h"

#include <cmath>

#include "tern/core/error.h"
#include "tests/layers/optim/pytorch_golden.h"
#include "tests/support/catch.h"

using namespace tern;

namespace {

constexpr double kBase = 0.1;
// PyTorch steps recursively from rate to rate, which costs a few ulp of a double.
constexpr double kRateTolerance = 1e-14;

void check_per_epoch(const ScheduleConfig& config, const std::vector<double>& expected, std::int64_t epochs) {
  constexpr std::int64_t kSteps = 5;
  for (std::size_t epoch = 0; epoch < expected.size(); ++epoch) {
    for (std::int64_t step = 0; step < kSteps; ++step) {
      const auto position = static_cast<std::int64_t>(epoch) * kSteps + step;
      INFO("epoch " << epoch << " step " << step);
      CHECK(std::abs(learning_rate(config, kBase, position, kSteps, epochs) - expected[epoch]) <
            kRateTolerance);
    }
  }
}

}  // namespace

TEST_CASE("schedule: per epoch, cosine and step decay equal PyTorch's") {
  check_per_epoch({.kind = ScheduleKind::cosine, .min_lr = 0.01}, test::pytorch::kCosine, 7);
  check_per_epoch({.kind = ScheduleKind::step, .decay_epochs = 3, .gamma = 0.2}, test::pytorch::kStepDecay,
                  8);
}

TEST_CASE("schedule: constant is constant") {
  check_per_epoch({.kind = ScheduleKind::constant}, {kBase, kBase, kBase}, 3);
}

TEST_CASE("schedule: per step, the cosine moves at every step") {
  const ScheduleConfig config{.kind = ScheduleKind::cosine, .unit = ScheduleUnit::step};
  // 2 epochs of 3 steps: cos(pi*k/6).
  CHECK(learning_rate(config, kBase, 0, 3, 2) == kBase);
  CHECK(std::abs(learning_rate(config, kBase, 2, 3, 2) - kBase * 0.75) < kRateTolerance);
  CHECK(std::abs(learning_rate(config, kBase, 3, 3, 2) - kBase * 0.5) < kRateTolerance);
  CHECK(std::abs(learning_rate(config, kBase, 4, 3, 2) - kBase * 0.25) < kRateTolerance);
}

TEST_CASE("schedule: beyond the end the cosine stays at its minimum") {
  const ScheduleConfig config{.kind = ScheduleKind::cosine, .min_lr = 0.01};
  CHECK(std::abs(learning_rate(config, kBase, 50, 5, 10) - 0.01) < kRateTolerance);
  CHECK(std::abs(learning_rate(config, kBase, 80, 5, 10) - 0.01) < kRateTolerance);
}

TEST_CASE("schedule: linear falls to its minimum in a line and stays there") {
  check_per_epoch({.kind = ScheduleKind::linear, .min_lr = 0.02}, {0.1, 0.08, 0.06, 0.04, 0.02, 0.02}, 4);
  const ScheduleConfig config{.kind = ScheduleKind::linear, .unit = ScheduleUnit::step, .warmup_epochs = 1};
  // 3 epochs of 2 steps, of which one warms up: 1/3 2/3 1 3/4 1/2 1/4 of the base rate.
  const std::vector<double> twelfths{4, 8, 12, 9, 6, 3, 0, 0};
  for (std::size_t step = 0; step < twelfths.size(); ++step) {
    INFO("step " << step);
    const double lr = learning_rate(config, kBase, static_cast<std::int64_t>(step), 2, 3);
    CHECK(std::abs(lr - kBase * twelfths[step] / 12) < kRateTolerance);
  }
}

TEST_CASE("schedule: per step, a warm-up can be a part of an epoch, or given in steps") {
  const ScheduleConfig half{.kind = ScheduleKind::linear, .unit = ScheduleUnit::step, .warmup_epochs = 0.5};
  const ScheduleConfig five{.kind = ScheduleKind::linear, .unit = ScheduleUnit::step, .warmup_steps = 5};
  for (std::int64_t step = 0; step < 20; ++step) {
    CHECK(learning_rate(half, kBase, step, 10, 2) == learning_rate(five, kBase, step, 10, 2));
  }
  CHECK(learning_rate(five, kBase, 0, 10, 2) == kBase / 6);
  CHECK(learning_rate(five, kBase, 5, 10, 2) == kBase);
  CHECK(learning_rate(five, kBase, 6, 10, 2) < kBase);
}

TEST_CASE("schedule: step decay per step drops at the same place as per epoch") {
  ScheduleConfig config{.kind = ScheduleKind::step, .decay_epochs = 2, .gamma = 0.5};
  for (const ScheduleUnit unit : {ScheduleUnit::epoch, ScheduleUnit::step}) {
    config.unit = unit;
    CHECK(learning_rate(config, kBase, 7, 4, 6) == kBase);
    CHECK(learning_rate(config, kBase, 8, 4, 6) == kBase * 0.5);
  }
}

TEST_CASE("schedule: the warm-up rises linearly and the schedule proper spans the rest") {
  ScheduleConfig config{.kind = ScheduleKind::cosine, .warmup_epochs = 3};
  check_per_epoch(config, {kBase / 4, kBase / 2, kBase * 3 / 4, kBase}, 8);
  config.unit = ScheduleUnit::step;
  CHECK(learning_rate(config, kBase, 0, 3, 5) == kBase / 10);
  CHECK(std::abs(learning_rate(config, kBase, 8, 3, 5) - kBase * 9 / 10) < kRateTolerance);
  CHECK(learning_rate(config, kBase, 9, 3, 5) == kBase);
  CHECK(std::abs(learning_rate(config, kBase, 12, 3, 5) - kBase / 2) < kRateTolerance);
}

TEST_CASE("schedule: impossible settings are refused") {
  CHECK_THROWS_AS(learning_rate({.warmup_epochs = 3}, kBase, 0, 5, 3), ConfigError);
  CHECK_THROWS_AS(learning_rate({.warmup_epochs = 0.5}, kBase, 0, 5, 3), ConfigError);
  CHECK_THROWS_AS(learning_rate({.warmup_steps = 1}, kBase, 0, 5, 3), ConfigError);
  const ScheduleUnit per_step = ScheduleUnit::step;
  CHECK_THROWS_AS(learning_rate({.unit = per_step, .warmup_steps = 15}, kBase, 0, 5, 3), ConfigError);
  CHECK_THROWS_AS(learning_rate({.unit = per_step, .warmup_epochs = 2.99}, kBase, 0, 5, 3), ConfigError);
  CHECK_THROWS_AS(learning_rate({.unit = per_step, .warmup_epochs = 1, .warmup_steps = 1}, kBase, 0, 5, 3),
                  ConfigError);
  CHECK_THROWS_AS(learning_rate({.decay_epochs = 0}, kBase, 0, 5, 3), ConfigError);
  CHECK_THROWS_AS(learning_rate({}, kBase, -1, 5, 3), ConfigError);
  CHECK_THROWS_AS(learning_rate({}, kBase, 0, 0, 3), ConfigError);
}
