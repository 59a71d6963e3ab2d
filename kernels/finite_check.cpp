#include "tern/kernels/finite_check.h"

#include <utility>

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

void ValueFault::raise() const {
  if (kind == Kind::bad_label) throw DataError(message);
  throw NumericError(message);
}

DeferredFiniteCheck::DeferredFiniteCheck() : outer_(innermost) {
  innermost = this;
}

DeferredFiniteCheck::~DeferredFiniteCheck() {
  innermost = outer_;
}

void DeferredFiniteCheck::check() {
  const DeferredFaults deferred = take();
  if (deferred.flags.defined()) deferred.check(deferred.flags.to(Device{}));
}

DeferredFaults DeferredFiniteCheck::take() {
  return std::exchange(deferred_, {});
}

void DeferredFaults::check(const Tensor& flags_on_host) const {
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (flags_on_host.data<std::int32_t>()[i] != 0) faults[i].raise();
  }
}

std::int32_t* DeferredFiniteCheck::add_flag(Device device, const ValueFault& fault) {
  auto& [flags, faults] = deferred_;
  if (static_cast<std::int64_t>(faults.size()) == kFlags) {
    const DeferredFaults full{flags, std::exchange(faults, {})};
    full.check(flags.to(Device{}));
    flags.fill_zero();
  }
  if (!flags.defined()) flags = Tensor::zeros({kFlags}, DType::i32, device);
  if (flags.device() != device) return nullptr;
  faults.push_back(fault);
  return address_of(flags) + faults.size() - 1;
}

ValueCheck::ValueCheck(Device device, ValueFault fault) : fault_(std::move(fault)) {
  const bool may_wait = device.type == DeviceType::cpu || innermost == nullptr;
  flag_ = may_wait ? nullptr : innermost->add_flag(device, fault_);
  if (flag_ != nullptr) return;
  own_ = Tensor::zeros({1}, DType::i32, device);
  flag_ = address_of(own_);
}

void ValueCheck::throw_or_defer() const {
  if (own_.defined() && own_.to_vector<std::int32_t>()[0] != 0) fault_.raise();
}

}  // namespace tern::kernels
