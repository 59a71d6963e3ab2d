#include "tern/kernels/precision.h"

#include <atomic>

namespace tern::kernels {
namespace {

std::atomic<FloatPrecision> current_precision{FloatPrecision::fp32};

}  // namespace

void set_float_precision(FloatPrecision precision) {
  current_precision = precision;
}

FloatPrecision float_precision() {
  return current_precision;
}

DType activation_dtype() {
  return current_precision == FloatPrecision::bf16 ? DType::bf16 : DType::f32;
}

}  // namespace tern::kernels
