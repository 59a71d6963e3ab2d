#include "emulation/stream.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace tern::emulation {
namespace {

std::uint64_t seed_of_environment() {
  const char* text = std::getenv("TERN_EMULATED_STREAMS");
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

// All streams, and in which order their work is done. Never destroyed: streams may outlive main.
struct Streams {
  std::recursive_mutex mutex;  // one piece of work at a time: kernels of a process are for one thread
  std::vector<WorkQueue*> queues;
  std::atomic<bool> shuffled = seed_of_environment() != 0;
  std::mt19937_64 random{seed_of_environment()};
};
Streams& streams() {
  static auto* all = new Streams;
  return *all;
}

// One piece of work of a random stream that has any which can be done; whether there was one.
bool step_any() {
  Streams& all = streams();
  const std::lock_guard<std::recursive_mutex> lock(all.mutex);
  std::vector<WorkQueue*> order = all.queues;
  std::shuffle(order.begin(), order.end(), all.random);
  return std::any_of(order.begin(), order.end(), [](WorkQueue* queue) { return queue->step(); });
}

}  // namespace

WorkQueue::WorkQueue() {
  const std::lock_guard<std::recursive_mutex> lock(streams().mutex);
  streams().queues.push_back(this);
}

WorkQueue::~WorkQueue() {
  const std::lock_guard<std::recursive_mutex> lock(streams().mutex);
  auto& queues = streams().queues;
  queues.erase(std::find(queues.begin(), queues.end(), this));
}

void WorkQueue::add(StreamWork work) {
  const std::lock_guard<std::mutex> lock(mutex_);
  pending_.push_back(std::move(work));
}

std::int64_t WorkQueue::issued() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return done_ + static_cast<std::int64_t>(pending_.size());
}

bool WorkQueue::step() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (pending_.empty()) return false;
  StreamWork work = std::move(pending_.front());
  pending_.pop_front();
  bool finished = false;
  try {
    finished = work();
  } catch (...) {
    ++done_;
    throw;
  }
  if (finished) {
    ++done_;
  } else {
    pending_.push_front(std::move(work));
  }
  return finished;
}

bool WorkQueue::advance(std::int64_t count) {
  if (streams().shuffled) step_any();
  while (!streams().shuffled && done_ < count) {
    if (!step()) return false;
  }
  return done_ >= count;
}

void WorkQueue::finish(std::int64_t count) {
  while (!advance(count)) {
    if (!streams().shuffled) std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

void shuffle_streams(std::uint64_t seed) {
  finish_all_streams();
  streams().random.seed(seed);
  streams().shuffled = seed != 0;
}

bool streams_are_shuffled() {
  return streams().shuffled;
}

void finish_all_streams() {
  const std::vector<WorkQueue*> queues = [] {
    const std::lock_guard<std::recursive_mutex> lock(streams().mutex);
    return streams().queues;
  }();
  for (WorkQueue* queue : queues) queue->finish(queue->issued());
}

}  // namespace tern::emulation
