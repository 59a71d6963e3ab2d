// Between ternary values as bytes and their packed form (core/packed_ternary.h).
#pragma once

#include "tern/core/packed_ternary.h"
#include "tern/core/tensor.h"

namespace tern::kernels {

/// x i8 (..., C) of rank 1 or more, values in {-1, 0, +1}. Values are not checked, because the host would
/// have to wait for a GPU; any other value gives unspecified results.
PackedTernary pack_ternary(const Tensor& x);

/// The values, as i8, f32 or bf16.
Tensor unpack_ternary(const PackedTernary& x, DType dtype = DType::i8);

namespace cpu {
void pack_ternary(const Tensor& x, PackedTernary& packed);
void unpack_ternary(const PackedTernary& x, Tensor& y);
}  // namespace cpu

namespace cuda {
void pack_ternary(const Tensor& x, PackedTernary& packed);
void unpack_ternary(const PackedTernary& x, Tensor& y);
}  // namespace cuda

}  // namespace tern::kernels
