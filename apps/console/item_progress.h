#pragma once

#include <cstdint>
#include <string_view>

#include "tern/apps/console/progress.h"

namespace tern {

/// One line with a bar for work on `count` images; on what is no terminal nothing but the messages.
class ItemProgress {
 public:
  ItemProgress(std::int64_t count, ProgressOutput output);
  /// Removes the bar.
  ~ItemProgress();
  ItemProgress(const ItemProgress&) = delete;

  /// `done` images are done.
  void advance(std::int64_t done);
  /// Writes a line that stays, above the bar.
  void message(std::string_view text);

 private:
  void erase();

  ProgressOutput output_;
  std::int64_t count_;
  std::int64_t done_ = 0;
  SmoothedRate rate_;
  double last_advance_;
  double last_shown_;
  bool on_screen_ = false;
};

}  // namespace tern
