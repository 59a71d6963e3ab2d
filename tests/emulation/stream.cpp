#include "emulation/stream.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
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

using Queue = std::shared_ptr<WorkQueue>;

// All streams, and in which order their work is done. Never destroyed: streams may outlive main.
struct Streams {
  std::recursive_mutex mutex;  // one piece of work at a time: kernels of a process are for one thread
  std::vector<Queue> queues;
  std::atomic<bool> shuffled = seed_of_environment() != 0;
  std::mt19937_64 random{seed_of_environment()};
};
Streams& streams() {
  static auto* all = new Streams;
  return *all;
}

// Forgets queues whose streams are gone, once nothing is left to do or nothing would ever do it.
void forget_unused(Streams& all) {
  std::erase_if(all.queues, [&](const Queue& queue) {
    return queue.use_count() == 1 && (!all.shuffled || queue->done() == queue->issued());
  });
}

// One piece of work of a random stream that has any which can be done; whether there was one.
bool step_any() {
  Streams& all = streams();
  const std::lock_guard<std::recursive_mutex> lock(all.mutex);
  forget_unused(all);
  std::vector<Queue> order = all.queues;
  std::shuffle(order.begin(), order.end(), all.random);
  return std::any_of(order.begin(), order.end(), [](const Queue& queue) { return queue->step(); });
}

template <class Wanted>
void finish_queues(const Wanted& wanted) {
  const std::vector<Queue> queues = [] {
    const std::lock_guard<std::recursive_mutex> lock(streams().mutex);
    forget_unused(streams());
    return streams().queues;
  }();
  for (const Queue& queue : queues) {
    if (wanted(*queue)) queue->finish(queue->issued());
  }
}

}  // namespace

std::shared_ptr<WorkQueue> open_queue(int device) {
  auto queue = std::make_shared<WorkQueue>(device);
  const std::lock_guard<std::recursive_mutex> lock(streams().mutex);
  forget_unused(streams());
  streams().queues.push_back(queue);
  return queue;
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
  while (done_ < count) {
    const bool progress = streams().shuffled ? step_any() : step();
    if (!progress) std::this_thread::sleep_for(std::chrono::microseconds(50));
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

void finish_streams(int device) {
  finish_queues([device](const WorkQueue& queue) { return queue.device() == device; });
}

void finish_all_streams() {
  finish_queues([](const WorkQueue&) { return true; });
}

}  // namespace tern::emulation
