// The text of a progress display: pure functions of numbers.
#pragma once

#include <cstdint>
#include <string>

#include "tern/apps/console/terminal.h"

namespace tern {

constexpr double kRedrawSeconds = 0.1;  ///< of a terminal's line
constexpr int kWidestBar = 40;          ///< columns

/// Rounded to seconds: "42s", "3:07", "1:02:03", "2d 05h"; "?" if negative or not finite.
std::string format_duration(double seconds);

/// "7.42 img/s", "845 img/s", "12.3k img/s"; "? img/s" if negative or not finite.
std::string format_rate(double images_per_second);

/// A bar of `width` columns, the first `fraction` of it filled; `fraction` is cut to [0, 1].
std::string format_bar(double fraction, int width, const TerminalStyle& style);

/// Where a run stands within an epoch. Epochs count from 1; `step` is the number of steps done.
struct ProgressState {
  std::int64_t epoch = 0;
  std::int64_t epochs = 0;
  std::int64_t step = 0;
  std::int64_t steps = 0;
  double loss = 0.0;
  double accuracy = 0.0;  // in [0, 1]
  double images_per_second = 0.0;
  double epoch_seconds_left = 0.0;
  double run_seconds_left = 0.0;
};

/// One line with a bar, at most `columns` wide: in a narrow terminal the bar shrinks first, then the parts at
/// the right go.
std::string progress_line(const ProgressState& state, int columns, const TerminalStyle& style);

/// The same without a bar, for a file or a pipe.
std::string plain_progress_line(const ProgressState& state);

}  // namespace tern
