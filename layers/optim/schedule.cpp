#include "tern/layers/optim/schedule.h"

#include <algorithm>
#include <cmath>

#include "tern/core/error.h"

namespace tern {

namespace {

constexpr double kPi = 3.14159265358979323846;

void check(const ScheduleConfig& config, std::int64_t step, std::int64_t steps_per_epoch,
           std::int64_t epochs) {
  require<ConfigError>(step >= 0 && steps_per_epoch >= 1 && epochs >= 1,
                       "schedule: step {} of {} epochs of {} steps is not a position in a training", step,
                       epochs, steps_per_epoch);
  require<ConfigError>(config.warmup_epochs >= 0 && config.warmup_epochs < epochs,
                       "schedule: warmup_epochs is {}, expected 0 or more and fewer than the {} epochs",
                       config.warmup_epochs, epochs);
  require<ConfigError>(config.decay_epochs >= 1, "schedule: decay_epochs is {}, expected 1 or more",
                       config.decay_epochs);
}

double cosine(double base_lr, double min_lr, double progress) {
  return min_lr + (base_lr - min_lr) * (1.0 + std::cos(kPi * progress)) / 2.0;
}

}  // namespace

double learning_rate(const ScheduleConfig& config, double base_lr, std::int64_t step,
                     std::int64_t steps_per_epoch, std::int64_t epochs) {
  check(config, step, steps_per_epoch, epochs);
  const bool per_epoch = config.unit == ScheduleUnit::epoch;
  const std::int64_t units_per_epoch = per_epoch ? 1 : steps_per_epoch;
  const std::int64_t position = per_epoch ? step / steps_per_epoch : step;
  const std::int64_t warmup = config.warmup_epochs * units_per_epoch;
  if (position < warmup) {
    return base_lr * static_cast<double>(position + 1) / static_cast<double>(warmup + 1);
  }
  const std::int64_t elapsed = position - warmup;
  const std::int64_t span = epochs * units_per_epoch - warmup;
  switch (config.kind) {
    case ScheduleKind::constant:
      return base_lr;
    case ScheduleKind::cosine:
      return cosine(base_lr, config.min_lr,
                    std::min(1.0, static_cast<double>(elapsed) / static_cast<double>(span)));
    case ScheduleKind::step:
      return base_lr *
             std::pow(config.gamma, static_cast<double>(elapsed / (config.decay_epochs * units_per_epoch)));
  }
  throw ConfigError("schedule: unknown kind");
}

}  // namespace tern
