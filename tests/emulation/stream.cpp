#include "emulation/stream.h"

#include <utility>

namespace tern::emulation {

void CopyQueue::add(std::function<void()> copy) {
  const std::lock_guard<std::mutex> lock(mutex_);
  pending_.push_back(std::move(copy));
}

std::int64_t CopyQueue::issued() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return done_ + static_cast<std::int64_t>(pending_.size());
}

void CopyQueue::finish(std::int64_t count) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (; done_ < count; ++done_) {
    pending_.front()();
    pending_.pop_front();
  }
}

}  // namespace tern::emulation
