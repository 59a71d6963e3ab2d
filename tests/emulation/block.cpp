#include "emulation/block.h"

#include <stdexcept>

#include "emulation/device_limits.h"
#include "emulation/sanitizers.h"

namespace tern::emulation {
namespace {

Block* running_block = nullptr;

// For ThreadSanitizer: a launch comes before what its threads do, and that before what the host does next.
char launched, returned;

}  // namespace

std::size_t volume(const dim3& shape) {
  return std::size_t{shape.x} * shape.y * shape.z;
}

uint3 index_in(const dim3& shape, unsigned number) {
  return {number % shape.x, number / shape.x % shape.y, number / shape.x / shape.y};
}

void order_launch() {
  release(&launched);
}

void order_return() {
  acquire(&returned);
}

Block& Block::running() {
  return *running_block;
}

Block::Block(const dim3& shape, std::size_t shared_bytes, const std::function<void()>& body)
    : body_(body), threads_(volume(shape)), dynamic_bytes_(shared_bytes), ready_(threads_.size()) {
  for (unsigned number = 0; number < threads_.size(); ++number) {
    threads_[number].number = number;
    threads_[number].index = index_in(shape, number);
  }
  if (threads_.size() % kWarpSize != 0) return;
  for (std::size_t i = 0; i < threads_.size(); i += kWarpSize) warps_.push_back(std::make_unique<Warp>());
}

void Block::prepare(const std::vector<unsigned>& order) {
  static unsigned blocks = 0;
  ++blocks;
  shared_.emplace(dynamic_bytes_);
  barrier_.clear();
  for (const auto& each : warps_) each->barrier.clear();
  for (const unsigned number : order) {
    Thread& thread = threads_[number];
    thread.returned = false;
    // To ThreadSanitizer a fiber is a thread that remembers what it has seen. So it may not run two threads
    // of a block, and neighbouring blocks take different ones, so that a race between them shows.
    thread.fiber = kThreadSanitizer ? &fibers().at(2 * number + blocks % 2) : nullptr;
    barrier_.add(thread);
    if (!warps_.empty()) warps_[number / kWarpSize]->barrier.add(thread);
  }
  ready_ = barrier_.threads();
  first_ready_ = 0;
  ready_count_ = ready_.size();
  returned_ = 0;
}

void Block::run(const std::vector<unsigned>& order) {
  prepare(order);
  run_prepared();
  for (Thread& thread : threads_) {
    if (kThreadSanitizer) thread.fiber->release_as_it(&returned);
  }
  if (error_ == nullptr) return;
  fibers().discard();  // those of the other threads stand in the middle of the kernel
  std::rethrow_exception(error_);
}

FiberPool& Block::fibers() {
  static auto* pool = new FiberPool(&Block::fiber_main);
  return *pool;
}

void Block::run_prepared() {
  running_block = this;
  Thread& first = *take_ready();
  if (first.fiber == nullptr) first.fiber = &fibers().take();
  make_current(first);
  Fiber::switch_from_to(host_, *first.fiber);
  running_block = nullptr;
}

void Block::fiber_main() {
  for (;;) running_block->run_threads();
}

// Runs the current thread, and after it those that have not started yet, until one has a fiber of its own.
void Block::run_threads() {
  Fiber& own = *thread_->fiber;
  Fiber* next_fiber = &host_;
  try {
    for (;;) {
      acquire(&launched);
      body_();
      finish_thread();
      Thread* const next = take_ready();
      if (next == nullptr) break;
      make_current(*next);
      if (next->fiber == nullptr) next->fiber = &own;
      if (next->fiber == &own) continue;
      next_fiber = next->fiber;
      break;
    }
  } catch (...) {
    error_ = std::current_exception();
  }
  if (!kThreadSanitizer) fibers().give_back(own);
  Fiber::switch_from_to(own, *next_fiber);
}

void Block::finish_thread() {
  if (!thread_->copies.empty()) throw std::logic_error("cp.async: returned without waiting for its copies");
  thread_->returned = true;
  ++returned_;
}

void Block::wait(Barrier& barrier, Site site) {
  Thread& self = *thread_;
  if (barrier.arrive(self, site)) {
    for (Thread* thread : barrier.threads()) {
      ready_[(first_ready_ + ready_count_++) % ready_.size()] = thread;
    }
  }
  Thread& next = *take_ready();
  make_current(next);
  if (&next == &self) return;
  if (next.fiber == nullptr) next.fiber = &fibers().take();
  Fiber::switch_from_to(*self.fiber, *next.fiber);
}

Block::Warp& Block::warp() {
  if (warps_.empty()) throw std::logic_error("a warp operation in a block that is not made of whole warps");
  return *warps_[thread_->number / kWarpSize];
}

// The next thread to run; null if all have returned.
Thread* Block::take_ready() {
  if (ready_count_ > 0) {
    Thread* const next = ready_[first_ready_];
    first_ready_ = (first_ready_ + 1) % ready_.size();
    --ready_count_;
    return next;
  }
  if (returned_ == threads_.size()) return nullptr;
  for (const auto& each : warps_) {
    if (each->barrier.arrived() > 0) throw std::logic_error(each->barrier.why_closed());
  }
  throw std::logic_error(barrier_.why_closed());
}

void Block::make_current(Thread& thread) {
  thread_ = &thread;
  threadIdx = thread.index;
}

}  // namespace tern::emulation
