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
  require<ConfigError>(config.decay_epochs >= 1, "schedule: decay_epochs is {}, expected 1 or more",
                       config.decay_epochs);
}

/// In units: epochs, or steps, of which an epoch has `units_per_epoch`.
std::int64_t warmup_units(const ScheduleConfig& config, std::int64_t units_per_epoch, std::int64_t epochs) {
  require<ConfigError>(config.warmup_steps == 0 || config.warmup_epochs == 0,
                       "schedule: warmup_epochs is {} and warmup_steps is {}, expected one of them",
                       config.warmup_epochs, config.warmup_steps);
  const bool whole = config.warmup_epochs == std::floor(config.warmup_epochs) && config.warmup_steps == 0;
  require<ConfigError>(config.unit == ScheduleUnit::step || whole,
                       "schedule: per epoch, a warm-up of {} epochs and {} steps is not one of whole epochs",
                       config.warmup_epochs, config.warmup_steps);
  require<ConfigError>(config.warmup_epochs >= 0 && config.warmup_epochs < static_cast<double>(epochs),
                       "schedule: warmup_epochs is {}, expected 0 or more and fewer than the {} epochs",
                       config.warmup_epochs, epochs);
  const std::int64_t units =
      config.warmup_steps + std::llround(config.warmup_epochs * static_cast<double>(units_per_epoch));
  require<ConfigError>(units >= 0 && units < epochs * units_per_epoch,
                       "schedule: a warm-up of {} steps, expected 0 or more and fewer than the {} of the "
                       "training",
                       units, epochs * units_per_epoch);
  return units;
}

/// The fraction of the schedule proper that lies behind, at most 1.
double progress(std::int64_t elapsed, std::int64_t span) {
  return std::min(1.0, static_cast<double>(elapsed) / static_cast<double>(span));
}

}  // namespace

double learning_rate(const ScheduleConfig& config, double base_lr, std::int64_t step,
                     std::int64_t steps_per_epoch, std::int64_t epochs) {
  check(config, step, steps_per_epoch, epochs);
  const bool per_epoch = config.unit == ScheduleUnit::epoch;
  const std::int64_t units_per_epoch = per_epoch ? 1 : steps_per_epoch;
  const std::int64_t position = per_epoch ? step / steps_per_epoch : step;
  const std::int64_t warmup = warmup_units(config, units_per_epoch, epochs);
  if (position < warmup) {
    return base_lr * static_cast<double>(position + 1) / static_cast<double>(warmup + 1);
  }
  const std::int64_t elapsed = position - warmup;
  const std::int64_t span = epochs * units_per_epoch - warmup;
  const double height = base_lr - config.min_lr;
  switch (config.kind) {
    case ScheduleKind::constant:
      return base_lr;
    case ScheduleKind::cosine:
      return config.min_lr + height * (1.0 + std::cos(kPi * progress(elapsed, span))) / 2.0;
    case ScheduleKind::linear:
      return config.min_lr + height * (1.0 - progress(elapsed, span));
    case ScheduleKind::step:
      return base_lr *
             std::pow(config.gamma, static_cast<double>(elapsed / (config.decay_epochs * units_per_epoch)));
  }
  throw ConfigError("schedule: unknown kind");
}

}  // namespace tern
