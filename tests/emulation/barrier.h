// A barrier of a block or of a warp: opens when all its threads have come to the same site.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "emulation/async_copies.h"
#include "emulation/fiber.h"
#include "emulation/thread.h"

namespace tern::emulation {

class Barrier;

struct Thread {
  uint3 index{};                   // in the block
  unsigned number = 0;             // the same, linear
  Fiber* fiber = nullptr;          // none before it starts
  const Barrier* waits = nullptr;  // none while it can run
  Site site{};                     // where it waits
  bool returned = false;
  AsyncCopies copies;
};

class Barrier {
 public:
  explicit Barrier(const char* name) : name_(name) {}

  /// For the next block, whose threads are then to be added.
  void clear() {
    threads_.clear();
    parity_ ^= 1;
  }
  void add(Thread& thread) { threads_.push_back(&thread); }
  const std::vector<Thread*>& threads() const { return threads_; }

  /// `thread` has come to `site`. True if it was the last to come: all can run. Throws if others are
  /// elsewhere.
  bool arrive(Thread& thread, Site site);

  /// How often it has opened.
  int phase() const { return phase_; }

  std::size_t arrived() const { return arrived_; }

  /// Who waits here, and who does not come.
  std::string why_closed() const;

  /// Where ThreadSanitizer keeps the order that one opening makes. Another one for the next opening, to which
  /// a thread may come while others have yet to leave this one; and for the next block.
  void* order(int phase) { return &orders_[2 * parity_ + phase % 2]; }

 private:
  const char* name_;
  std::vector<Thread*> threads_;
  std::size_t arrived_ = 0;
  const Thread* first_ = nullptr;  // to arrive
  int phase_ = 0;
  int parity_ = 0;
  std::uint64_t orders_[4] = {};
};

/// "(x, y, z)"
std::string to_string(const uint3& index);

}  // namespace tern::emulation
