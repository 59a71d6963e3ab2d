// The precision of float computations.
#pragma once

#include <cstdint>

#include "tern/core/dtype.h"

namespace tern::kernels {

enum class FloatPrecision : std::uint8_t {
  fp32,  ///< Products of f32 values, sums in f32: the default, and the reference in comparisons.
  tf32,  ///< Tensor cores may round the factors to TF32 (11 significant bits); sums stay f32.
  bf16,  ///< As tf32, and activations between layers, and their gradients, are bf16.
};

/// For the whole process. TF32 is a permission: a device without it (a CPU, a GPU before sm_80) computes in
/// fp32. Products of bf16 are exact in f32, so that a device that has no instruction for them differs in
/// speed and in the order of its sums alone. Ternary convolutions are exact integers in every mode.
void set_float_precision(FloatPrecision precision);
FloatPrecision float_precision();

/// What networks cast their images to: every layer then takes the dtype of its input. Parameters, their
/// gradients, statistics, logits and losses are f32 in every mode. (What a GPU rounds weight gradients to
/// first: kernels/conv2d.h.)
DType activation_dtype();

}  // namespace tern::kernels
