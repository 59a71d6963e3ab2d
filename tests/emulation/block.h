// The blocks of a grid, one after another: the threads, which of them runs, and what they share.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "emulation/barrier.h"
#include "emulation/fiber.h"
#include "emulation/fiber_pool.h"
#include "emulation/shared_memory.h"
#include "emulation/thread.h"

namespace tern::emulation {

std::size_t volume(const dim3& shape);

/// The place of an element in an array of that shape, x fastest.
uint3 index_in(const dim3& shape, unsigned number);

/// To ThreadSanitizer, what the caller has done happens before what the threads of later blocks do; and what
/// those of earlier blocks did, before what the caller does next.
void order_launch();
void order_return();

class Block {
 public:
  Block(const dim3& shape, std::size_t shared_bytes, const std::function<void()>& body);

  /// Runs all threads to their end, as the next block of the grid. `order` numbers them in the order in which
  /// they are to run. Throws what went wrong in the thread that then is current; the block can run no more.
  void run(const std::vector<unsigned>& order);

  /// The block and the thread that run now.
  static Block& running();
  Thread& thread() { return *thread_; }

  SharedMemory& shared() { return *shared_; }

  /// Suspends the thread that runs until its barrier opens.
  void wait(Barrier& barrier, Site site);
  Barrier& block_barrier() { return barrier_; }

  struct Warp {
    Barrier barrier{"warp operation"};
    WarpValues values[2];  // of this exchange and of the one before, which some lanes may yet have to read
  };
  Warp& warp();

 private:
  void prepare(const std::vector<unsigned>& order);
  void run_prepared();
  [[noreturn]] static void fiber_main();
  void run_threads();
  void finish_thread();
  Thread* take_ready();
  void make_current(Thread& thread);
  static FiberPool& fibers();

  const std::function<void()>& body_;
  std::vector<Thread> threads_;
  std::vector<std::unique_ptr<Warp>> warps_;  // none if the block is not made of whole warps
  Barrier barrier_{"barrier"};
  const std::size_t dynamic_bytes_;
  std::optional<SharedMemory> shared_;  // fresh in each block

  std::vector<Thread*> ready_;  // a ring: each thread is in it at most once
  std::size_t first_ready_ = 0;
  std::size_t ready_count_ = 0;
  std::size_t returned_ = 0;

  Thread* thread_ = nullptr;
  Fiber host_;
  std::exception_ptr error_;
};

}  // namespace tern::emulation
