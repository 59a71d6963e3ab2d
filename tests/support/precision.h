#pragma once

#include "tern/kernels/precision.h"

namespace tern::test {

/// Computes in a precision while it lives.
class Precision {
 public:
  explicit Precision(kernels::FloatPrecision precision) { kernels::set_float_precision(precision); }
  ~Precision() { kernels::set_float_precision(kernels::FloatPrecision::fp32); }
  Precision(const Precision&) = delete;
  Precision& operator=(const Precision&) = delete;
};

}  // namespace tern::test
