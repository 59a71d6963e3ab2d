// Detection of NaNs and infinities that operations meet, with or without a wait for the device.
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
#include <vector>

#include "tern/core/tensor.h"

namespace tern::kernels {

/// While it lives, the operations of this thread leave their NumericErrors about values on a GPU to check().
/// Of nested objects the innermost counts.
class DeferredFiniteCheck {
 public:
  DeferredFiniteCheck();
  ~DeferredFiniteCheck();
  DeferredFiniteCheck(const DeferredFiniteCheck&) = delete;
  DeferredFiniteCheck& operator=(const DeferredFiniteCheck&) = delete;

  /// Waits for the GPU; throws the NumericError of the first operation since the last check whose flag is
  /// set.
  void check();
  /// The same in two parts, for whoever reads the flags together with other numbers: the flags, undefined if
  /// nothing was deferred, and the check of their copy on the CPU.
  Tensor flags() const { return messages_.empty() ? Tensor() : flags_; }
  void check(const Tensor& flags);

 private:
  friend class FiniteCheck;

  /// A cleared flag on `device` that stands for `message`; null if it belongs to a GPU other than the first.
  std::int32_t* add_flag(Device device, const std::string& message);

  DeferredFiniteCheck* outer_;
  Tensor flags_;  // i32, one per message
  std::vector<std::string> messages_;
};

/// The flag of one operation.
class FiniteCheck {
 public:
  /// `message` is that of the NumericError.
  FiniteCheck(Device device, std::string message);

  /// In the memory of the device: the kernel makes it 1 if it meets a NaN or an infinity.
  std::int32_t* flag() { return flag_; }
  /// After the kernel: throws NumericError if the flag is set, or leaves that to a DeferredFiniteCheck.
  void throw_or_defer() const;

 private:
  std::string message_;
  Tensor own_;  // undefined where a DeferredFiniteCheck keeps the flag
  std::int32_t* flag_;
};

}  // namespace tern::kernels
