#include "tern/kernels/finite_check.h"

#include "tern/core/device_scope.h"
#include "tern/core/error.h"

namespace tern::kernels {
namespace {

constexpr std::int64_t kFlags = 1024;  // more than a step of the deepest network makes

thread_local DeferredFiniteCheck* innermost = nullptr;

// Where they are in the memory of their device, for the kernel that will be given the address.
std::int32_t* address_of(Tensor& flags) {
  const DeviceScope scope(flags.device(), "non-finite flags");
  return flags.data<std::int32_t>();
}

}  // namespace

DeferredFiniteCheck::DeferredFiniteCheck() : outer_(innermost) {
  innermost = this;
}

DeferredFiniteCheck::~DeferredFiniteCheck() {
  innermost = outer_;
}

void DeferredFiniteCheck::check() {
  if (!messages_.empty()) check(flags_.to(Device{}));
}

void DeferredFiniteCheck::check(const Tensor& flags) {
  if (messages_.empty()) return;
  const std::int32_t* flag = flags.data<std::int32_t>();
  const std::vector<std::string> messages = std::move(messages_);
  messages_.clear();
  flags_.fill_zero();
  for (std::size_t i = 0; i < messages.size(); ++i) require<NumericError>(flag[i] == 0, "{}", messages[i]);
}

std::int32_t* DeferredFiniteCheck::add_flag(Device device, const std::string& message) {
  if (!flags_.defined()) flags_ = Tensor::zeros({kFlags}, DType::i32, device);
  if (flags_.device() != device) return nullptr;
  if (static_cast<std::int64_t>(messages_.size()) == kFlags) check();
  messages_.push_back(message);
  return address_of(flags_) + messages_.size() - 1;
}

FiniteCheck::FiniteCheck(Device device, std::string message) : message_(std::move(message)) {
  const bool may_wait = device.type == DeviceType::cpu || innermost == nullptr;
  flag_ = may_wait ? nullptr : innermost->add_flag(device, message_);
  if (flag_ != nullptr) return;
  own_ = Tensor::zeros({1}, DType::i32, device);
  flag_ = address_of(own_);
}

void FiniteCheck::throw_or_defer() const {
  if (!own_.defined()) return;
  require<NumericError>(own_.to_vector<std::int32_t>()[0] == 0, "{}", message_);
}

}  // namespace tern::kernels
