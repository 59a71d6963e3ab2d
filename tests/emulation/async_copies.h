// cp.async of one thread: copies that may happen at any time until they are waited for. The emulator lets
// them happen at the last moment, in wait_group.
#pragma once

#include <cstddef>
#include <vector>

#include "emulation/sanitizers.h"
#include "emulation/thread.h"

namespace tern::emulation {

class AsyncCopies {
 public:
  void issue(const AsyncCopy& copy) {
    const UnwatchedByThreadSanitizer unwatched;
    copies_.push_back({copy, groups_});
  }
  void commit() { ++groups_; }

  /// Takes the next copy that a wait which leaves `pending` groups under way has to see done. False: no more.
  bool take_due(int pending, AsyncCopy& copy) {
    if (empty() || copies_[done_].group + pending >= groups_) return false;
    copy = copies_[done_++].copy;
    if (empty()) {
      copies_.clear();
      done_ = 0;
    }
    return true;
  }

  bool empty() const { return done_ == copies_.size(); }

 private:
  struct Issued {
    AsyncCopy copy;
    int group;
  };
  std::vector<Issued> copies_;
  std::size_t done_ = 0;
  int groups_ = 0;
};

}  // namespace tern::emulation
