// Threads that work on the layers of one image together, or on an image each.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace tern::engine {

/// Waits until `value` is no longer `old`: a layer takes tens of microseconds, so it spins for about as long
/// before it lets the system put the thread to sleep.
void wait_for_change(const std::atomic<unsigned>& value, unsigned old);

/// A barrier between the layers of an image.
class Barrier {
 public:
  explicit Barrier(int threads) : threads_(static_cast<unsigned>(threads)) {}
  void arrive_and_wait();

 private:
  const unsigned threads_;
  std::atomic<unsigned> arrived_{0};
  std::atomic<unsigned> phase_{0};
};

/// One of the threads that share the rows of an image. Alone it has all of them, and no barrier.
struct Member {
  int index = 0;
  int count = 1;
  Barrier* barrier = nullptr;

  struct Range {
    int first, last;
  };
  Range share_of(int rows) const {
    const auto at = [&](int i) { return static_cast<int>(static_cast<long long>(rows) * i / count); };
    return {at(index), at(index + 1)};
  }
  void wait() const {
    if (barrier != nullptr) barrier->arrive_and_wait();
  }
};

/// A team of threads; the caller of run() is its first member.
class ThreadTeam {
 public:
  /// Throws std::system_error, with the number that could be started, if there are not so many threads.
  explicit ThreadTeam(int threads);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return size_; }
  /// Calls body(member) in every thread at once and returns when all are done. `body` does not throw. Throws
  /// Error in a process that fork() made since: the threads are in the other one.
  void run(const std::function<void(const Member&)>& body);

 private:
  void work(int index);
  void end() noexcept;

  const int size_;
  const pid_t process_;
  Barrier barrier_;
  const std::function<void(const Member&)>* body_ = nullptr;  // null: the end
  std::atomic<unsigned> job_{0};
  std::vector<std::thread> workers_;
};

}  // namespace tern::engine
