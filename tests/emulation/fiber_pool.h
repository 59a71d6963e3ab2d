// Fibers are dear to make: they are kept, and used again.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "emulation/fiber.h"

namespace tern::emulation {

class FiberPool {
 public:
  /// `entry` is what each fiber calls.
  explicit FiberPool(void (*entry)()) : entry_(entry) {}

  /// Some fiber that nobody uses, until it is given back.
  Fiber& take() {
    if (idle_.empty()) idle_.push_back(&at(fibers_.size()));
    Fiber& fiber = *idle_.back();
    idle_.pop_back();
    return fiber;
  }
  void give_back(Fiber& fiber) { idle_.push_back(&fiber); }

  /// A certain fiber: not to be mixed with take().
  Fiber& at(std::size_t number) {
    while (fibers_.size() <= number) fibers_.push_back(std::make_unique<Fiber>(entry_));
    return *fibers_[number];
  }

  /// Forgets all fibers, wherever they are suspended.
  void discard() {
    idle_.clear();
    fibers_.clear();
  }

 private:
  void (*entry_)();
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
};

}  // namespace tern::emulation
