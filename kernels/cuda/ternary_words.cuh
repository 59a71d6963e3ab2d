// The two words of 64 packed ternary values (core/packed_ternary.h) as one 16-byte load.
#pragma once

#include "tern/core/packed_ternary.h"
#include "tern/kernels/cuda/device.cuh"

namespace tern::kernels::cuda {

struct alignas(16) TernaryWords {
  std::uint64_t sign, mask;
};

inline const TernaryWords* ternary_words(const PackedTernary& packed) {
  return reinterpret_cast<const TernaryWords*>(packed.words());
}
inline TernaryWords* ternary_words(PackedTernary& packed) {
  return reinterpret_cast<TernaryWords*>(packed.words());
}

}  // namespace tern::kernels::cuda
