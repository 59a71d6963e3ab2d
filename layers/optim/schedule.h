// Learning-rate schedules: pure functions of the position in the training, so that a resumed run needs no
// state of them.
#pragma once

#include <cstdint>

namespace tern {

enum class ScheduleKind {
  constant,
  cosine,  ///< Half a cosine wave from the base rate down to min_lr (SGDR, Loshchilov & Hutter, ICLR 2017).
  linear,  ///< A line from the base rate down to min_lr; with a warm-up, the triangle of a one-cycle policy.
  step,    ///< Multiplied by `gamma` every `decay_epochs`.
};

/// How often the rate changes.
enum class ScheduleUnit { epoch, step };

struct ScheduleConfig {
  ScheduleKind kind = ScheduleKind::cosine;
  ScheduleUnit unit = ScheduleUnit::epoch;
  /// Units t of the warm-up (W units) have base_lr*(t + 1)/(W + 1); the schedule proper starts after them and
  /// spans the rest. Per step W is the nearest number of steps; per epoch it has to be whole.
  double warmup_epochs = 0;
  std::int64_t warmup_steps = 0;   ///< The warm-up in steps, per step and instead of warmup_epochs.
  double min_lr = 0;               ///< cosine, linear: the rate at the end.
  std::int64_t decay_epochs = 30;  ///< step
  double gamma = 0.1;              ///< step
};

/// The learning rate for step number `step` (from 0) of a training of `epochs` epochs of `steps_per_epoch`
/// steps. Without warm-up and per epoch, equal to PyTorch's CosineAnnealingLR(T_max=epochs, eta_min=min_lr)
/// and StepLR(decay_epochs, gamma). Beyond the last step cosine and line stay at min_lr. Throws ConfigError
/// for numbers out of range, such as a warm-up as long as the training.
double learning_rate(const ScheduleConfig& config, double base_lr, std::int64_t step,
                     std::int64_t steps_per_epoch, std::int64_t epochs);

}  // namespace tern
