// Detection of NaNs and infinities, and of labels that are no class, that operations meet, with or without a
// wait for the device.
//
// On the CPU an operation knows when it returns. On a GPU the host would have to wait for each layer. Under a
// DeferredFiniteCheck operations on a GPU only set a flag in its memory, and check() reads all flags at once:
//
//   DeferredFiniteCheck finite;
//   ... forward, backward ...
//   finite.check();  // before anything is saved
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tern/core/tensor.h"

namespace tern::kernels {

/// What is wrong where a flag is set.
struct ValueFault {
  enum class Kind { not_finite, bad_label };

  std::string message;
  Kind kind;

  /// NumericError or DataError.
  [[noreturn]] void raise() const;
};

/// What operations on a GPU have left to check, for whoever reads the flags together with other numbers, or
/// has a recorded graph set them again and again.
struct DeferredFaults {
  Tensor flags;                    ///< i32, on the device; those that stand for none are 0. May be undefined.
  std::vector<ValueFault> faults;  ///< One for each of the first flags.

  /// `flags_on_host` are these flags, copied to the CPU. Throws the error of the first that is set.
  void check(const Tensor& flags_on_host) const;
};

/// While it lives, the operations of this thread leave their errors about values on a GPU to check().
/// Of nested objects the innermost counts.
class DeferredFiniteCheck {
 public:
  DeferredFiniteCheck();
  ~DeferredFiniteCheck();
  DeferredFiniteCheck(const DeferredFiniteCheck&) = delete;
  DeferredFiniteCheck& operator=(const DeferredFiniteCheck&) = delete;

  /// Waits for the GPU; throws the error of the first operation since the last check whose flag is set.
  void check();
  /// What has been deferred since the last check, which is up to the caller from then on.
  DeferredFaults take();

 private:
  friend class ValueCheck;

  /// A cleared flag on `device` that stands for `fault`; null if it belongs to a GPU other than the first.
  std::int32_t* add_flag(Device device, const ValueFault& fault);

  DeferredFiniteCheck* outer_;
  DeferredFaults deferred_;
};

/// The flag of one operation.
class ValueCheck {
 public:
  ValueCheck(Device device, ValueFault fault);

  /// In the memory of the device: the kernel makes it 1 if it meets the fault.
  std::int32_t* flag() { return flag_; }
  /// After the kernel: throws the error if the flag is set, or leaves that to a DeferredFiniteCheck.
  void throw_or_defer() const;

 private:
  ValueFault fault_;
  Tensor own_;  // undefined where a DeferredFiniteCheck keeps the flag
  std::int32_t* flag_;
};

/// Of NaNs and infinities; `message` is that of a NumericError.
class FiniteCheck : public ValueCheck {
 public:
  FiniteCheck(Device device, std::string message)
      : ValueCheck(device, {std::move(message), ValueFault::Kind::not_finite}) {}
};

/// Of labels that are none of the classes; `message` is that of a DataError.
class LabelCheck : public ValueCheck {
 public:
  LabelCheck(Device device, std::string message)
      : ValueCheck(device, {std::move(message), ValueFault::Kind::bad_label}) {}
};

}  // namespace tern::kernels
