#include "tern/training/coroutine.h"

#include <utility>

namespace tern {
namespace {

struct Abandoned {};

}  // namespace

Coroutine::Coroutine(std::function<void()> body)
    : thread_([this, body = std::move(body)] {
        body_turn_.acquire();
        try {
          if (!abandoned_) body();
        } catch (const Abandoned&) {
        } catch (...) {
          failure_ = std::current_exception();
        }
        ended_ = true;
        caller_turn_.release();
      }) {}

Coroutine::~Coroutine() {
  abandoned_ = true;
  if (!ended_) body_turn_.release();
  thread_.join();
}

bool Coroutine::resume() {
  body_turn_.release();
  caller_turn_.acquire();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return !ended_;
}

void Coroutine::suspend() {
  caller_turn_.release();
  body_turn_.acquire();
  if (abandoned_) throw Abandoned();
}

}  // namespace tern
