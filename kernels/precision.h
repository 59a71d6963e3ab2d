// The precision of float convolutions and matrix products.
#pragma once

#include <cstdint>

namespace tern::kernels {

enum class FloatPrecision : std::uint8_t {
  fp32,  ///< Products of f32 values, sums in f32: the default, and what results are compared in.
  tf32,  ///< Tensor cores may round the factors to TF32 (11 significant bits); sums stay f32.
};

/// A permission, for the whole process: a device without TF32 (a CPU, a GPU before sm_80) computes in fp32.
/// Ternary convolutions are exact integers in every mode.
void set_float_precision(FloatPrecision precision);
FloatPrecision float_precision();

}  // namespace tern::kernels
