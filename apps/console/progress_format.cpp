#include "tern/apps/console/progress_format.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace tern {
namespace {

constexpr int kNarrowestBar = 6;

std::string heading(const ProgressState& state) {
  return fmt::format("epoch {}/{} {:>{}}/{}", state.epoch, state.epochs, state.step,
                     std::to_string(state.steps).size(), state.steps);
}

/// From the most to the least important.
std::vector<std::string> parts(const ProgressState& state) {
  return {fmt::format("loss {:.4f}", state.loss), fmt::format("acc {:.2f}%", 100.0 * state.accuracy),
          format_rate(state.images_per_second), "ETA " + format_duration(state.epoch_seconds_left),
          "run " + format_duration(state.run_seconds_left)};
}

}  // namespace

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0.0 || seconds > 1e9) return "?";
  const long total = std::lround(seconds);
  const long hours = total / 3600;
  const long minutes = total / 60 % 60;
  if (total < 60) return fmt::format("{}s", total);
  if (hours == 0) return fmt::format("{}:{:02}", minutes, total % 60);
  if (hours < 24) return fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60);
  return fmt::format("{}d {:02}h", hours / 24, hours % 24);
}

std::string format_rate(double images_per_second) {
  if (!std::isfinite(images_per_second) || images_per_second < 0.0) return "? img/s";
  if (images_per_second < 9.995) return fmt::format("{:.2f} img/s", images_per_second);
  if (images_per_second < 99.95) return fmt::format("{:.1f} img/s", images_per_second);
  if (images_per_second < 9999.5) return fmt::format("{:.0f} img/s", images_per_second);
  return fmt::format("{:.1f}k img/s", images_per_second / 1000.0);
}

std::string format_bar(double fraction, int width, const TerminalStyle& style) {
  const double part = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0.0;
  // Rounded down, so that a full bar means done.
  const int filled = static_cast<int>(part * width);
  std::string done, rest;
  for (int i = 0; i < filled; ++i) done += style.utf8 ? "━" : "#";
  for (int i = filled; i < width; ++i) rest += style.utf8 ? "─" : "-";
  return style.color ? fmt::format("\x1b[36m{}\x1b[0m\x1b[2m{}\x1b[0m", done, rest) : done + rest;
}

std::string progress_line(const ProgressState& state, int columns, const TerminalStyle& style) {
  const std::string head = heading(state);
  std::vector<std::string> shown = parts(state);
  const auto width_of_text = [&] {
    std::size_t width = head.size();
    for (const std::string& part : shown) width += 2 + part.size();
    return static_cast<int>(width);
  };
  while (!shown.empty() && width_of_text() + 1 + kNarrowestBar > columns) shown.pop_back();

  const int bar = std::min(columns - width_of_text() - 1, kWidestBar);
  if (bar < kNarrowestBar) return head.substr(0, static_cast<std::size_t>(std::max(columns, 0)));
  const double fraction =
      state.steps > 0 ? static_cast<double>(state.step) / static_cast<double>(state.steps) : 0.0;
  return fmt::format("{} {}{}{}", head, format_bar(fraction, bar, style), shown.empty() ? "" : "  ",
                     fmt::join(shown, "  "));
}

std::string plain_progress_line(const ProgressState& state) {
  return fmt::format("{}  {}", heading(state), fmt::join(parts(state), "  "));
}

}  // namespace tern
