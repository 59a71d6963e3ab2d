// Process groups whose ranks are threads of one process.
#pragma once

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "tern/distributed/process_group.h"

namespace tern::test {

/// in_turns: one rank runs while the others wait for messages, since the CPU's kernels are for one thread of
/// a process at a time. at_once: for ranks that also wait for one another by other means than messages, as
/// NCCL's.
enum class Ranks { in_turns, at_once };

/// What is on its way between the ranks.
class Mailboxes {
 public:
  explicit Mailboxes(Ranks ranks) : ranks_(ranks) {}

  /// Held by the rank that runs.
  std::unique_lock<std::mutex> turn() {
    return ranks_ == Ranks::in_turns ? std::unique_lock(running_) : std::unique_lock<std::mutex>();
  }
  void put(int from, int to, const void* data, std::size_t bytes) {
    const char* begin = static_cast<const char*>(data);
    const std::lock_guard lock(mutex_);
    boxes_[{from, to}].emplace_back(begin, begin + bytes);
    sent_bytes += bytes;
    arrived_.notify_all();
  }
  void take(int from, int to, void* data, std::size_t bytes) {
    if (ranks_ == Ranks::in_turns) running_.unlock();
    std::unique_lock lock(mutex_);
    auto& box = boxes_[{from, to}];
    arrived_.wait(lock, [&box] { return !box.empty(); });
    lock.unlock();
    if (ranks_ == Ranks::in_turns) running_.lock();
    lock.lock();
    require<DistributedError>(box.front().size() == bytes, "rank {} sent {} bytes, rank {} expected {}", from,
                              box.front().size(), to, bytes);
    if (bytes > 0) std::memcpy(data, box.front().data(), bytes);
    box.pop_front();
  }

  std::size_t sent_bytes = 0;  // by all ranks

 private:
  Ranks ranks_;
  std::mutex running_, mutex_;
  std::condition_variable arrived_;
  std::map<std::pair<int, int>, std::deque<std::vector<char>>> boxes_;
};

class ThreadGroup final : public ProcessGroup {
 public:
  ThreadGroup(Mailboxes& boxes, int rank, int size) : boxes_(boxes), rank_(rank), size_(size) {}

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int local_rank() const override { return rank_; }
  int local_size() const override { return size_; }
  std::string host(int rank) const override { return "host" + std::to_string(rank); }
  void exchange(int peer, const void* send, void* receive, std::size_t bytes) override {
    boxes_.put(rank_, peer, send, bytes);
    boxes_.take(peer, rank_, receive, bytes);
  }
  void broadcast(void* data, std::size_t bytes) override {
    for (int peer = 1; rank_ == 0 && peer < size_; ++peer) boxes_.put(0, peer, data, bytes);
    if (rank_ != 0) boxes_.take(0, rank_, data, bytes);
  }
  [[noreturn]] void abort(int) override { std::abort(); }

 private:
  Mailboxes& boxes_;
  int rank_, size_;
};

/// Runs `body` on each rank of a group; returns the bytes that all have sent.
inline std::size_t on_ranks(int size, Ranks ranks, const std::function<void(ProcessGroup&)>& body) {
  Mailboxes boxes(ranks);
  {
    std::vector<std::jthread> threads;
    for (int rank = 0; rank < size; ++rank) {
      threads.emplace_back([&boxes, &body, rank, size] {
        const auto turn = boxes.turn();
        ThreadGroup group(boxes, rank, size);
        body(group);
      });
    }
  }
  return boxes.sent_bytes;
}
inline std::size_t on_ranks(int size, const std::function<void(ProcessGroup&)>& body) {
  return on_ranks(size, Ranks::in_turns, body);
}

}  // namespace tern::test
