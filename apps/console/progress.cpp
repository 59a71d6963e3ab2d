#include "tern/apps/console/progress.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

#include "tern/core/quote.h"

namespace tern {
namespace {

constexpr double kPlainLineSeconds = 30.0;
constexpr double kSmoothingSeconds = 10.0;

constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

ProgressOutput stderr_output() {
  ProgressOutput output;
  output.write = [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  };
  output.seconds = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  output.columns = [] { return terminal_columns(stderr); };
  output.style = terminal_style(stderr);
  return output;
}

void SmoothedRate::add(double units, double seconds) {
  const double kept = std::exp(-seconds / kSmoothingSeconds);
  units_ = kept * units_ + units;
  seconds_ = kept * seconds_ + seconds;
}

Progress::Progress(std::int64_t epochs, std::int64_t steps_per_epoch, ProgressOutput output)
    : output_(std::move(output)) {
  state_.epochs = epochs;
  state_.steps = steps_per_epoch;
}

Progress::~Progress() {
  if (bar_on_screen_) output_.write("\n");
}

void Progress::start_epoch(std::int64_t epoch, std::int64_t step) {
  const double now = output_.seconds();
  if (has_advanced_) between_epochs_ = now - last_advance_;
  state_.epoch = epoch;
  state_.step = step;
  last_advance_ = now;
  last_shown_ = now;
}

void Progress::advance(std::int64_t step, std::int64_t images, double loss, double accuracy) {
  const double now = output_.seconds();
  const double elapsed = now - last_advance_;
  images_.add(static_cast<double>(images), elapsed);
  steps_.add(static_cast<double>(step - state_.step), elapsed);
  last_advance_ = now;
  has_advanced_ = true;

  state_.step = step;
  state_.loss = loss;
  state_.accuracy = accuracy;
  state_.images_per_second = images_.per_second();
  const auto epochs_left = static_cast<double>(state_.epochs - state_.epoch);
  const double epoch_seconds = static_cast<double>(state_.steps) / steps_.per_second();
  state_.epoch_seconds_left = static_cast<double>(state_.steps - step) / steps_.per_second();
  // The validation of this epoch is still to come, so one more than epochs_left.
  state_.run_seconds_left =
      state_.epoch_seconds_left + epochs_left * epoch_seconds + (epochs_left + 1.0) * between_epochs_;

  const double interval = output_.style.interactive ? kRedrawSeconds : kPlainLineSeconds;
  const bool bar_is_full = output_.style.interactive && step == state_.steps;
  if (now - last_shown_ >= interval || bar_is_full) show(now);
}

void Progress::message(std::string_view text) {
  erase_bar();
  output_.write(fmt::format("{}\n", printable(text)));
}

void Progress::show(double now) {
  last_shown_ = now;
  if (!output_.style.interactive) {
    output_.write(plain_progress_line(state_) + "\n");
    return;
  }
  // The last column stays free: some terminals wrap when it is written.
  const std::string line = progress_line(state_, output_.columns() - 1, output_.style);
  output_.write(fmt::format("{}{}", kEraseLine, line));
  bar_on_screen_ = true;
}

void Progress::erase_bar() {
  if (bar_on_screen_) output_.write(kEraseLine);
  bar_on_screen_ = false;
}

}  // namespace tern
