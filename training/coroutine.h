// A function that is called in parts: where it suspends itself its caller goes on, until it resumes the
// function. It has a thread of its own, for what belongs to a thread; never do both run.
#pragma once

#include <exception>
#include <functional>
#include <semaphore>
#include <thread>

namespace tern {

class Coroutine {
 public:
  /// `body` does not begin before resume().
  explicit Coroutine(std::function<void()> body);
  /// Where the body has not come to its end, suspend() throws there what nobody has to catch.
  ~Coroutine();
  Coroutine(const Coroutine&) = delete;
  Coroutine& operator=(const Coroutine&) = delete;

  /// Runs the body until it suspends itself (true) or ends (false). Throws what the body throws.
  bool resume();
  /// To be called by the body.
  void suspend();

 private:
  std::binary_semaphore body_turn_{0}, caller_turn_{0};
  std::exception_ptr failure_;
  bool ended_ = false, abandoned_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace tern
