// Tensors of random numbers, fixed by a seed.
#pragma once

#include <cstdint>

#include "tern/core/tensor.h"

namespace tern::test {

/// A f32 tensor of uniform numbers in [low, high), fixed by `seed`.
Tensor random_tensor(const Shape& shape, std::uint32_t seed, float low = -1.0F, float high = 1.0F);

/// An i8 tensor of random values in {-1, 0, +1}.
Tensor random_ternary(const Shape& shape, std::uint32_t seed);

/// An i8 tensor of values in {-3, -1, 1, 3}, weights of four levels.
Tensor random_levels(const Shape& shape, std::uint32_t seed);

/// An i16 tensor of random values in [-bound, bound].
Tensor random_integers(const Shape& shape, std::uint32_t seed, std::int16_t bound);

}  // namespace tern::test
