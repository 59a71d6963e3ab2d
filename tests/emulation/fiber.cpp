#include "emulation/fiber.h"

#include <sys/mman.h>

#include <boost/context/detail/fcontext.hpp>
#include <new>

#include "emulation/sanitizers.h"

namespace tern::emulation {
namespace {

namespace context = boost::context::detail;

constexpr std::size_t kStackBytes = 128 * 1024;
constexpr std::size_t kGuardBytes = 4096;  // running over the stack faults

Fiber* current = nullptr;

}  // namespace

Fiber::Fiber() {
#ifdef TERN_EMULATION_TSAN
  identity_ = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber(void (*entry)()) : entry_(entry), stack_bytes_(kStackBytes) {
  mapping_ = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED || mprotect(mapping_, kGuardBytes, PROT_NONE) != 0) throw std::bad_alloc();
  char* const bottom = static_cast<char*>(mapping_) + kGuardBytes;
  stack_bottom_ = bottom;
  context_ = context::make_fcontext(bottom + kStackBytes, kStackBytes, [](context::transfer_t transfer) {
    arrive(transfer.fctx, *static_cast<Fiber*>(transfer.data));
    current->entry_();
  });
#ifdef TERN_EMULATION_TSAN
  identity_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
  if (mapping_ == nullptr) return;
#ifdef TERN_EMULATION_TSAN
  __tsan_destroy_fiber(identity_);
#endif
#ifdef TERN_EMULATION_ASAN
  __asan_unpoison_memory_region(stack_bottom_, stack_bytes_);  // of frames that were abandoned
#endif
  munmap(mapping_, kGuardBytes + kStackBytes);
}

void Fiber::release_as_it([[maybe_unused]] void* token) {
#ifdef TERN_EMULATION_TSAN
  void* const caller = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(identity_, __tsan_switch_to_fiber_no_sync);
  __tsan_release(token);
  __tsan_switch_to_fiber(caller, __tsan_switch_to_fiber_no_sync);
#endif
}

void Fiber::switch_from_to(Fiber& from, Fiber& to) {
#ifdef TERN_EMULATION_ASAN
  __sanitizer_start_switch_fiber(&from.fake_stack_, to.stack_bottom_, to.stack_bytes_);
#endif
#ifdef TERN_EMULATION_TSAN
  // The order in which the emulator runs threads must not look like a synchronisation of theirs.
  __tsan_switch_to_fiber(to.identity_, __tsan_switch_to_fiber_no_sync);
#endif
  current = &to;
  const context::transfer_t transfer = context::jump_fcontext(to.context_, &from);
  arrive(transfer.fctx, *static_cast<Fiber*>(transfer.data));
}

void Fiber::arrive(void* previous_context, Fiber& previous) {
  previous.context_ = previous_context;
#ifdef TERN_EMULATION_ASAN
  __sanitizer_finish_switch_fiber(current->fake_stack_, &previous.stack_bottom_, &previous.stack_bytes_);
#endif
}

}  // namespace tern::emulation
