// Shows how a training run advances: a bar on a terminal, a plain line now and then elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tern/apps/console/progress_format.h"

namespace tern {

/// Where a Progress writes and what it asks for time and width; tests put their own here.
struct ProgressOutput {
  std::function<void(std::string_view)> write;
  std::function<double()> seconds;  // a clock that never goes back
  std::function<int()> columns;
  TerminalStyle style;
};

/// stderr and the steady clock.
ProgressOutput stderr_output();

/// Units per second over the last seconds: both sums decay exponentially, so that a burst or a pause is
/// forgotten and no start value is needed.
class SmoothedRate {
 public:
  void add(double units, double seconds);
  /// 0 as long as nothing was added.
  double per_second() const { return seconds_ > 0.0 ? units_ / seconds_ : 0.0; }

 private:
  double units_ = 0.0;
  double seconds_ = 0.0;
};

class Progress {
 public:
  Progress(std::int64_t epochs, std::int64_t steps_per_epoch, ProgressOutput output);
  /// Ends the line of a bar still on the screen, so that an error message starts on its own.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Epochs count from 1; `step` is not 0 where a run resumes within an epoch.
  void start_epoch(std::int64_t epoch, std::int64_t step = 0);
  /// `step` steps of the epoch are done, the last one with `images` images; loss and accuracy are the means
  /// of the epoch so far.
  void advance(std::int64_t step, std::int64_t images, double loss, double accuracy);
  /// Writes a line that stays, above the bar if there is one.
  void message(std::string_view text);

 private:
  void show(double now);
  void erase_bar();

  ProgressOutput output_;
  ProgressState state_;
  SmoothedRate images_;
  SmoothedRate steps_;
  double last_advance_ = 0.0;
  double last_shown_ = 0.0;
  double between_epochs_ = 0.0;  // seconds of validation and saving after the last epoch
  bool has_advanced_ = false;
  bool bar_on_screen_ = false;
};

}  // namespace tern
