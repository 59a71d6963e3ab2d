#pragma once

#include <cstdint>

#include "tern/core/tensor.h"

namespace tern {

/// `count` images (count, size, size, 3) of normal noise with deviation 1, on the CPU; always the same for
/// the same `index`.
Tensor noise_images(std::int64_t count, std::int64_t size, std::uint32_t index);

}  // namespace tern
