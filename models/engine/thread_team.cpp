#include "tern/models/engine/thread_team.h"

#include <unistd.h>

#include <system_error>

#include "tern/core/error.h"

namespace tern::engine {
namespace {

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

void wait_for_change(const std::atomic<unsigned>& value, unsigned old) {
  constexpr int kSpins = 4000;
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
}

void Barrier::arrive_and_wait() {
  const unsigned phase = phase_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 < threads_) return wait_for_change(phase_, phase);
  arrived_.store(0, std::memory_order_relaxed);
  phase_.store(phase + 1, std::memory_order_release);
  phase_.notify_all();
}

ThreadTeam::ThreadTeam(int threads) : size_(threads), process_(::getpid()), barrier_(threads) {
  workers_.reserve(static_cast<std::size_t>(threads) - 1);
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  } catch (const std::system_error& error) {
    const std::size_t started = workers_.size() + 1;
    end();
    throw std::system_error(
        error.code(),
        fmt::format("engine: {} of {} threads can be started; ask for fewer", started, threads));
  }
}

ThreadTeam::~ThreadTeam() {
  end();
}

void ThreadTeam::end() noexcept {
  if (::getpid() != process_) {
    // Of the child's copies of the handles nothing can be joined.
    for (std::thread& worker : workers_) worker.detach();
    return;
  }
  body_ = nullptr;
  job_.fetch_add(1, std::memory_order_release);
  job_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadTeam::run(const std::function<void(const Member&)>& body) {
  if (workers_.empty()) return body({});
  require<Error>(
      ::getpid() == process_,
      "engine: was loaded before fork(), and its threads are not in this process; load it here, or "
      "with 1 thread");
  body_ = &body;
  job_.fetch_add(1, std::memory_order_release);
  job_.notify_all();
  body({0, size_, &barrier_});
  barrier_.arrive_and_wait();
}

void ThreadTeam::work(int index) {
  for (unsigned job = 0;; ++job) {
    wait_for_change(job_, job);
    if (body_ == nullptr) return;
    (*body_)({index, size_, &barrier_});
    barrier_.arrive_and_wait();
  }
}

}  // namespace tern::engine
