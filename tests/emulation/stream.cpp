#include "emulation/stream.h"

#include <chrono>
#include <thread>
#include <utility>

namespace tern::emulation {

void WorkQueue::add(StreamWork work) {
  const std::lock_guard<std::mutex> lock(mutex_);
  pending_.push_back(std::move(work));
}

std::int64_t WorkQueue::issued() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return done_ + static_cast<std::int64_t>(pending_.size());
}

bool WorkQueue::advance(std::int64_t count) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (; done_ < count; ++done_) {
    if (!pending_.front()()) return false;
    pending_.pop_front();
  }
  return true;
}

void WorkQueue::finish(std::int64_t count) {
  while (!advance(count)) std::this_thread::sleep_for(std::chrono::microseconds(50));
}

}  // namespace tern::emulation
