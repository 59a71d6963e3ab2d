// Fibers: stacks among which one operating system thread switches, by Boost.Context's assembly. Each carries
// what the sanitizers need to know of it.
#pragma once

#include <cstddef>

namespace tern::emulation {

class Fiber {
 public:
  /// The stack that runs now.
  Fiber();
  /// A new stack, on which the first switch calls `entry`, which never returns.
  explicit Fiber(void (*entry)());
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Suspends the fiber that runs, which is `from`, and goes on where `to` was suspended.
  static void switch_from_to(Fiber& from, Fiber& to);

  /// To ThreadSanitizer, what this suspended fiber has done happens before what follows an acquire of
  /// `token`.
  void release_as_it(void* token);

 private:
  static void arrive(void* previous_context, Fiber& previous);

  void (*entry_)() = nullptr;
  void* context_ = nullptr;
  void* mapping_ = nullptr;  // the stack above its guard page
  const void* stack_bottom_ = nullptr;
  std::size_t stack_bytes_ = 0;
  void* fake_stack_ = nullptr;  // of AddressSanitizer
  void* identity_ = nullptr;    // of ThreadSanitizer
};

}  // namespace tern::emulation
