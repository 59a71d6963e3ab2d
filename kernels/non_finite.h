// NaNs and infinities that operations meet, and when the host learns of them.
//
// An operation on the CPU knows when it returns. For one on a GPU the host would have to wait, layer after
// layer. Under a NonFiniteWatch operations on a GPU only leave a mark in its memory, and the watch reads all
// marks at once:
//
//   NonFiniteWatch watch;
//   ... forward, backward ...
//   watch.check();  // before anything is kept
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace tern::kernels {

/// While it lives, the operations of this thread leave their NumericErrors about values on a GPU to check().
/// The innermost watch counts.
class NonFiniteWatch {
 public:
  NonFiniteWatch();
  ~NonFiniteWatch();
  NonFiniteWatch(const NonFiniteWatch&) = delete;
  NonFiniteWatch& operator=(const NonFiniteWatch&) = delete;

  /// Waits for the GPU; throws the NumericError of the first operation since the last check that left a mark.
  void check();

 private:
  friend class NonFiniteReport;

  /// A zero on `device` whose mark stands for `message`, or null if it belongs to a GPU other than the first.
  std::int32_t* claim(Device device, const std::string& message);

  NonFiniteWatch* outer_;
  Tensor marks_;  // i32, one per claim
  std::vector<std::string> messages_;
};

/// The mark of one operation.
class NonFiniteReport {
 public:
  /// `message` is that of the NumericError.
  NonFiniteReport(Device device, std::string message);

  /// In the memory of the device: the kernel makes it 1 if it meets a NaN or an infinity.
  std::int32_t* mark() { return mark_; }
  /// After the kernel: throws NumericError if the mark is set, or leaves that to a watch.
  void settle() const;

 private:
  std::string message_;
  Tensor own_;  // undefined where a watch keeps the mark
  std::int32_t* mark_;
};

}  // namespace tern::kernels
