#include "tern/apps/console/item_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tern/core/quote.h"

namespace tern {

ItemProgress::ItemProgress(std::int64_t count, ProgressOutput output)
    : output_(std::move(output)),
      count_(count),
      last_advance_(output_.seconds()),
      last_shown_(last_advance_) {}

ItemProgress::~ItemProgress() {
  erase();
}

void ItemProgress::advance(std::int64_t done) {
  if (!output_.style.interactive) return;
  const double now = output_.seconds();
  rate_.add(static_cast<double>(done - done_), now - last_advance_);
  done_ = done;
  last_advance_ = now;
  if (now - last_shown_ < kRedrawSeconds) return;
  last_shown_ = now;
  const std::string text =
      fmt::format("{}/{}  {}  ETA {}", done, count_, format_rate(rate_.per_second()),
                  format_duration(static_cast<double>(count_ - done) / rate_.per_second()));
  // The last column stays free: some terminals wrap when it is written.
  const int columns = output_.columns() - 1,
            bar = std::min(columns - 2 - static_cast<int>(text.size()), kWidestBar);
  const double fraction = static_cast<double>(done) / static_cast<double>(count_);
  erase();
  output_.write(bar > 0 ? format_bar(fraction, bar, output_.style) + "  " + text
                        : text.substr(0, static_cast<std::size_t>(std::max(columns, 0))));
  on_screen_ = true;
}

void ItemProgress::message(std::string_view text) {
  erase();
  output_.write(printable(text) + "\n");
}

void ItemProgress::erase() {
  if (on_screen_) output_.write("\r\x1b[K");
  on_screen_ = false;
}

}  // namespace tern
